package imaptest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// Run runs the scripts, one after the other, and removes the test mailboxes at the end. The error is that of the configuration or of
// ctx; what a server does wrong is in the report.
func Run(ctx context.Context, config Config, scripts []*Script) (*Report, error) {
	c, err := config.complete()
	if err != nil {
		return nil, err
	}
	report := &Report{}
	all := &campaign{config: c, used: map[int]bool{}, stubborn: map[string]bool{}}
	defer func() { all.sweep(context.WithoutCancel(ctx)) }()
	for _, s := range scripts {
		result := all.run(ctx, s)
		if ctx.Err() != nil {
			break
		}
		report.Results = append(report.Results, result)
		if c.Done != nil {
			c.Done(result)
		}
	}
	return report, ctx.Err()
}

// campaign is what the tests have in common.
type campaign struct {
	config   *Config
	used     map[int]bool    // whose mailboxes the tests may have made
	stubborn map[string]bool // mailboxes that cannot be deleted
}

// test is a script that runs.
type test struct {
	*campaign
	ctx    context.Context
	script *Script
	result *Result
	vars   *variables
	conns  []*conn
	next   int          // the next message of the mbox
	swept  map[int]bool // the users who have no test mailboxes left from before
}

// skip is why a test does not run.
type skip string

func (s skip) Error() string { return string(s) }

func (c *campaign) test(ctx context.Context, s *Script) *test {
	return &test{campaign: c, ctx: ctx, script: s, result: &Result{Script: s}, vars: newVariables(), swept: map[int]bool{}}
}

// begin does what comes before the script.
func (t *test) begin() error {
	if err := t.connect(); err != nil {
		return err
	}
	if err := t.greet(); err != nil {
		return err
	}
	return t.prepare()
}

// run runs one script.
func (c *campaign) run(ctx context.Context, s *Script) *Result {
	t := c.test(ctx, s)
	defer t.end()
	err := t.begin()
	maps.Copy(c.used, t.swept)
	var skipped skip
	switch {
	case errors.As(err, &skipped):
		t.result.Skipped = string(skipped)
	case err != nil:
		t.result.Failures = append(t.result.Failures, Failure{Came: err.Error()})
	default:
		t.runGroups()
	}
	return t.result
}

// runGroups runs the groups. After a connection has failed nothing more can be judged.
func (t *test) runGroups() {
	for i, g := range t.script.groups {
		if g.greeting() {
			continue
		}
		if !t.runGroup(i, g, nil) {
			return
		}
	}
}

// runGroup runs one group; first is a reply that has been read already. It tells whether the test can go on.
func (t *test) runGroup(i int, g *group, first *reply) bool {
	x := t.newExchange(i, g)
	err := x.run(first)
	t.result.Run += g.size()
	if err != nil {
		x.fail(g.line, "", err.Error())
	}
	if len(x.failures) == 0 {
		t.result.Passed += g.size()
	}
	t.result.Failures = append(t.result.Failures, x.failures...)
	if err == nil {
		err = t.after(g)
	}
	return err == nil
}

// end closes the connections.
func (t *test) end() {
	for _, c := range t.conns {
		c.close()
	}
}

// setNames gives the variables of the users and the mailbox.
func (t *test) setNames() {
	for i, user := range t.config.Users {
		suffix := ""
		if i > 0 {
			suffix = strconv.Itoa(i + 1)
		}
		name, domain, found := strings.Cut(user.Name, "@")
		if !found {
			domain, _, _ = net.SplitHostPort(t.config.Server)
		}
		t.vars.set("user"+suffix, user.Name)
		t.vars.set("username"+suffix, name)
		t.vars.set("domain"+suffix, domain)
		t.vars.set("password"+suffix, user.Password)
	}
	t.vars.set("mailbox", t.config.Mailbox)
	t.vars.set("mailbox_url", url.PathEscape(t.config.Mailbox))
}

// message is the next one of the mbox, which begins again at its end.
func (t *test) message() (message, error) {
	switch {
	case t.script.mboxErr != nil:
		return message{}, t.script.mboxErr
	case len(t.script.mbox) == 0:
		return message{}, errors.New("the mbox file has no messages")
	}
	m := t.script.mbox[t.next%len(t.script.mbox)]
	t.next++
	return m, nil
}

// tracer writes down what goes over a connection; it is nil when nobody wants to know.
func (t *test) tracer(number int) func(direction, text string) {
	if t.config.Trace == nil {
		return nil
	}
	var secrets []string
	for _, user := range t.config.Users {
		if user.Password != "" {
			secrets = append(secrets, user.Password, "*")
		}
	}
	hide := strings.NewReplacer(secrets...)
	return func(direction, text string) {
		text = strings.TrimSuffix(text, "\r\n")
		if direction == "C" {
			text = hide.Replace(text)
		}
		fmt.Fprintf(t.config.Trace, "%s %d %s: %s\n", t.script.Name, number, direction, printable(text))
	}
}
