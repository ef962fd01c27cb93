package probe

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

// step is a check that is to be made.
type step struct {
	name     string
	severity Severity // of a failure
	meaning  string   // of a failure, for IMAP users
	needs    need
	// detached steps go on after an interrupt: what they begin has to come to an end.
	detached bool
	longer   func(Options) time.Duration // on top of the timeout
	// run returns what it found. An error is a failure as the step describes it, unless it is a verdict.
	run func(*prober, context.Context) (string, error)
}

// need is what a step cannot be made without, several of them added up.
type need int

const (
	aSession need = 1 << iota
	anAccount
	aScratch
	aBlob
	anEmail
)

// lacks says what there would have to be, or nothing.
func (p *prober) lacks(n need) string {
	for _, l := range []struct {
		need  need
		there bool
		text  string
	}{
		{aSession, p.session != nil, "there is no session"},
		{anAccount, p.account != "", "there is no mail account"},
		{aScratch, p.scratch != "", "there is no scratch mailbox"},
		{aBlob, p.blob != "", "nothing was uploaded"},
		{anEmail, p.email != nil, "nothing was imported"},
	} {
		if n&l.need != 0 && !l.there {
			return l.text
		}
	}
	return ""
}

// verdict is an outcome other than that of the step.
type verdict struct {
	status   Status
	severity Severity
	detail   string
	meaning  string
}

func (v verdict) Error() string { return v.detail }

func missing(severity Severity, detail, meaning string) error {
	return verdict{Missing, severity, detail, meaning}
}

func broken(severity Severity, detail, meaning string) error {
	return verdict{Broken, severity, detail, meaning}
}

func skipped(detail string) error { return verdict{Skipped, None, detail, ""} }

// do makes a check.
func (p *prober) do(ctx context.Context, s step) Check {
	detail, err := p.attempt(ctx, s)
	check := Check{Name: s.name, Status: OK, Severity: None, Detail: detail}
	var special verdict
	switch {
	case err == nil:
	case ctx.Err() != nil && !s.detached: // whatever it says: it was not let finish
		check.Status, check.Detail = Skipped, "interrupted"
	case errors.As(err, &special):
		check.Status, check.Severity, check.Detail, check.Meaning = special.status, special.severity, special.detail, special.meaning
	default:
		check.Status, check.Severity, check.Detail, check.Meaning = Broken, s.severity, err.Error(), s.meaning
		if unknownMethod(err) {
			check.Status = Missing
		}
	}
	check.Detail = p.clean(check.Detail)
	return check
}

func (p *prober) attempt(ctx context.Context, s step) (string, error) {
	if lacking := p.lacks(s.needs); lacking != "" {
		return "", skipped(lacking)
	}
	limit := p.options.Timeout
	if s.longer != nil {
		limit += s.longer(p.options)
	}
	if err := ctx.Err(); err != nil && s.name != removing {
		return "", skipped("interrupted")
	}
	if s.detached {
		ctx = context.WithoutCancel(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return s.run(p, ctx)
}

func unknownMethod(err error) bool {
	var method *proto.MethodError
	return errors.As(err, &method) && method.Type == proto.MethodErrorUnknownMethod
}

// longest is how much of what a server says is shown.
const longest = 400

// clean makes one line of a text, without secrets that a server may have thrown back.
func (p *prober) clean(text string) string {
	c := p.options.Credentials
	secrets := []string{base64.StdEncoding.EncodeToString([]byte(c.User + ":" + c.Password)), c.Bearer}
	if len(c.Password) >= 4 { // a shorter one is in half of all words
		secrets = append(secrets, c.Password)
	}
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	text = strings.Map(printable, strings.Join(strings.Fields(text), " "))
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return text
}

// printable leaves out what a terminal might obey.
func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return -1
}

// setError makes an error of what a server says of one record.
func setError(method string, e proto.SetError) error {
	text := fmt.Sprintf("%s: %s", method, e.Type)
	if e.Description != "" {
		text += ": " + e.Description
	}
	if len(e.Properties) > 0 {
		text += " (" + strings.Join(e.Properties, ", ") + ")"
	}
	return errors.New(text)
}
