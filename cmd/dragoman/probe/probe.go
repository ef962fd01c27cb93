package probe

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap"
)

// Defaults of Options.
const (
	DefaultTimeout  = 30 * time.Second
	DefaultPushWait = 10 * time.Second
)

// Options say what to check, and how.
type Options struct {
	Config      jmap.Config
	Credentials jmap.Credentials
	Timeout     time.Duration // for each check; default DefaultTimeout
	PushWait    time.Duration // from a change to the event that tells of it; default DefaultPushWait
	Done        func(Check)   // called after each check; may be nil
}

// prober is one run of the checks, with what they found that later ones need.
type prober struct {
	options Options
	client  *jmap.Client
	session *jmap.Session
	account proto.ID
	inbox   proto.ID

	token         string // random, in every name that this run makes
	mailboxState  string // before the scratch mailbox
	names         []string
	made          []proto.ID // scratch mailboxes, parents first
	scratch, copy proto.ID
	blob          proto.ID
	emailState    string // before the import
	email         *proto.Email
	marks         int // keywords that the checks of push have made
}

// Run makes all checks. An error comes before anything was asked of the server. When ctx is canceled, the rest of the checks are
// skipped, but what was made on the server is removed in any case.
func Run(ctx context.Context, options Options) (*Report, error) {
	if options.Timeout <= 0 {
		options.Timeout = DefaultTimeout
	}
	if options.PushWait <= 0 {
		options.PushWait = DefaultPushWait
	}
	if options.Config.HTTPTransport == nil {
		options.Config.HTTPTransport = jmap.NewTransport(options.Config.TLS)
	}
	options.Config.HTTPTransport = partial{options.Config.HTTPTransport}
	// Each check is to show what the server does, not what can be made of it.
	options.Config.Retry.Tries, options.Config.Breaker.Failures = 1, -1
	client, err := jmap.New(options.Config)
	if err != nil {
		return nil, err
	}
	defer client.CloseIdleConnections()
	p := &prober{options: options, client: client, token: strings.ToLower(rand.Text())[:16]}
	defer func() {
		if fault := recover(); fault != nil { // ours; all the same, nothing may stay on the server
			p.do(ctx, lastStep)
			panic(fault)
		}
	}()
	report := &Report{}
	for _, s := range steps() {
		check := p.do(ctx, s)
		report.add(check)
		if options.Done != nil {
			options.Done(check)
		}
	}
	return report, nil
}

// call is jmap.Call with the method's name in its errors.
func call[R any](ctx context.Context, p *prober, arguments interface {
	proto.Method
	NewResponse() *R
}) (*R, error) {
	answer, err := jmap.Call(ctx, p.session, arguments)
	return answer, named(arguments.Method(), err)
}

func named(method string, err error) error {
	var failure *proto.MethodError
	if errors.As(err, &failure) {
		return fmt.Errorf("%s: %w", method, err)
	}
	return err
}
