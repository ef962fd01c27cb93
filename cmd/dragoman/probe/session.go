package probe

import (
	"context"
	"errors"
	"fmt"
	"strings"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap"
)

func (p *prober) login(ctx context.Context) (string, error) {
	session, err := p.client.Login(ctx, p.options.Credentials)
	if err != nil {
		return "", err
	}
	p.session = session
	info := session.Info()
	return fmt.Sprintf("user %s, %d accounts", info.Username, len(info.Accounts)), nil
}

func (p *prober) capabilities(context.Context) (string, error) {
	var lacking []string
	for _, name := range []string{proto.CapabilityCore, proto.CapabilityMail} {
		if !p.session.Has(name) {
			lacking = append(lacking, name)
		}
	}
	if len(lacking) > 0 {
		return "", missing(Fatal, "not announced: "+strings.Join(lacking, ", "), noMail)
	}
	return "announced", nil
}

// limit is one that the gateway has to keep to (RFC 8620 section 2).
type limit struct {
	name      string
	announced func(*proto.CoreCapability) uint64
	assumed   func(jmap.Limits) int64 // in its place
	least     uint64                  // below that it is felt
	severity  Severity
	meaning   string
}

var limits = []limit{
	// A write, or none, and what changed meanwhile: three calls for Emails and three for Mailboxes.
	{"maxCallsInRequest", func(c *proto.CoreCapability) uint64 { return c.MaxCallsInRequest },
		func(l jmap.Limits) int64 { return int64(l.MaxCallsInRequest) }, 8, Fatal, "the gateway asks for up to 8 at once: most commands fail"},
	{"maxObjectsInGet", func(c *proto.CoreCapability) uint64 { return c.MaxObjectsInGet },
		func(l jmap.Limits) int64 { return int64(l.MaxObjectsInGet) }, 100, Degraded, "the first SELECT of a large mailbox takes long"},
	{"maxObjectsInSet", func(c *proto.CoreCapability) uint64 { return c.MaxObjectsInSet },
		func(l jmap.Limits) int64 { return int64(l.MaxObjectsInSet) }, 100, Degraded, "STORE, COPY and EXPUNGE of many messages take long"},
	{"maxSizeUpload", func(c *proto.CoreCapability) uint64 { return c.MaxSizeUpload },
		func(l jmap.Limits) int64 { return l.MaxSizeUpload }, 10_000_000, Degraded, "APPEND of larger messages is refused"},
	{"maxConcurrentRequests", func(c *proto.CoreCapability) uint64 { return c.MaxConcurrentRequests },
		func(l jmap.Limits) int64 { return int64(l.MaxConcurrentRequests) }, 2, Degraded, "sessions of a user wait for each other"},
}

func limitSteps() []step {
	var all []step
	for _, l := range limits {
		all = append(all, step{name: "limit " + l.name, needs: aSession, run: func(p *prober, _ context.Context) (string, error) { return l.check(p) }})
	}
	return all
}

func (l limit) check(p *prober) (string, error) {
	var core proto.CoreCapability
	raw, ok := p.session.Info().Capabilities[proto.CapabilityCore]
	if ok {
		if err := core.UnmarshalJSON(raw); err != nil {
			return "", broken(Degraded, fmt.Sprintf("the core capability cannot be read: %v", err), "the gateway assumes the RFC's least for all limits")
		}
	}
	switch value := l.announced(&core); {
	case value == 0:
		return "", missing(Optional, fmt.Sprintf("not announced: %d is assumed", l.assumed(p.session.Limits())), "requests that are over the real limit fail")
	case value < l.least:
		return "", broken(l.severity, fmt.Sprintf("%d, less than %d", value, l.least), l.meaning)
	default:
		return fmt.Sprint(value), nil
	}
}

func (p *prober) mailAccount(context.Context) (string, error) {
	id, ok := p.session.MailAccount()
	if !ok {
		return "", missing(Fatal, "neither a primary account for mail nor one personal account that has it", noMail)
	}
	account, ok := p.session.Info().Accounts[id]
	if !ok {
		return "", errors.New("the primary account for mail, " + string(id) + ", is not among the accounts")
	}
	p.account = id
	if account.IsReadOnly {
		return "", broken(Degraded, "account "+string(id)+" is read-only", "mail can be read, but APPEND, STORE, COPY and EXPUNGE are refused")
	}
	text := "account " + string(id) + ", may be written to"
	if !account.IsPersonal {
		text += ", not personal"
	}
	return text, nil
}

// extra is a capability of which the gateway makes use, or will.
type extra struct {
	name, meaning string
	urns          []string
}

var extras = []extra{
	{"capability submission", "the gateway does not send mail: clients need an SMTP server", []string{proto.CapabilitySubmission}},
	{"capability quota", "clients see no quota", []string{"urn:ietf:params:jmap:quota", "https://cyrusimap.org/ns/jmap/quota"}},
	{"capability sieve", "filters are managed elsewhere", []string{"urn:ietf:params:jmap:sieve", "https://cyrusimap.org/ns/jmap/sieve"}},
	{"capability sharing", "rights cannot be given to others", []string{"urn:ietf:params:jmap:principals"}},
}

func capabilitySteps() []step {
	var all []step
	for _, e := range extras {
		all = append(all, step{name: e.name, needs: aSession, run: func(p *prober, _ context.Context) (string, error) { return e.check(p) }})
	}
	return all
}

func (e extra) check(p *prober) (string, error) {
	if urn, ok := p.announced(e.urns...); ok {
		return urn, nil
	}
	return "", missing(Optional, "not announced", e.meaning)
}

// announced finds the first capability of several that the server has.
func (p *prober) announced(urns ...string) (string, bool) {
	for _, urn := range urns {
		if p.session.Has(urn) {
			return urn, true
		}
	}
	return "", false
}
