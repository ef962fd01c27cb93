package imaptest

import (
	"context"
	"errors"
	"fmt"
	"maps"
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
	used := map[int]bool{}
	defer func() { sweepAll(context.WithoutCancel(ctx), c, used) }()
	for _, s := range scripts {
		result := runScript(ctx, c, s, used)
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

// test is a script that runs.
type test struct {
	ctx    context.Context
	config *Config
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

// runScript runs one script; the users whose mailboxes it may make are added to used.
func runScript(ctx context.Context, c *Config, s *Script, used map[int]bool) *Result {
	t := &test{ctx: ctx, config: c, script: s, result: &Result{Script: s}, vars: newVariables(), swept: map[int]bool{}}
	defer t.end()
	err := t.connect()
	if err == nil {
		err = t.greet()
	}
	if err == nil {
		err = t.prepare()
	}
	maps.Copy(used, t.swept)
	var skipped skip
	switch {
	case errors.As(err, &skipped):
		t.result.Skipped = string(skipped)
	case err != nil:
		t.result.Failures = append(t.result.Failures, Failure{Came: err.Error()})
	default:
		t.run()
	}
	return t.result
}

// run runs the groups. After a connection has failed nothing more can be judged.
func (t *test) run() {
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
			domain, _, _ = strings.Cut(t.config.Server, ":")
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

// tracer writes down what goes over a connection.
func (t *test) tracer(number int) func(direction, text string) {
	if t.config.Trace == nil {
		return func(string, string) {}
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
