package imaptest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// connect opens the connections of the script.
func (t *test) connect() error {
	t.setNames()
	for n := 1; n <= t.script.connections; n++ {
		user, err := t.userOf(n)
		if err != nil {
			return err
		}
		c, err := dial(t.ctx, t.config)
		if err != nil {
			return err
		}
		c.number, c.user, c.trace = n, user, t.tracer(n)
		t.conns = append(t.conns, c)
	}
	return nil
}

// userOf returns the index of the user of a connection.
func (t *test) userOf(n int) (int, error) {
	wanted, set := t.script.users[n]
	if !set {
		return 0, nil
	}
	digits, variable := strings.CutPrefix(strings.NewReplacer("{", "", "}", "").Replace(wanted), "$user")
	for i, user := range t.config.Users {
		if variable && digits == strings.TrimPrefix(fmt.Sprint(i+1), "1") || !variable && wanted == user.Name {
			return i, nil
		}
	}
	return 0, skip("there is no user " + wanted)
}

// greet reads the greetings, and compares the first one with what the script expects of it.
func (t *test) greet() error {
	for _, c := range t.conns {
		c.limit(t.config.Timeout)
		r, err := c.read()
		if err != nil {
			return fmt.Errorf("waiting for the greeting: %w", err)
		}
		if groups := t.script.groups; c.number == 1 && len(groups) > 0 && groups[0].greeting() {
			t.runGroup(0, groups[0], &r)
		} else if r.tag != "*" || !r.says("OK") {
			return fmt.Errorf("the greeting is %s", shorten(r.String()))
		}
	}
	return nil
}

// prepare brings the connections into the state in which the script begins.
func (t *test) prepare() error {
	for _, c := range t.conns {
		c.limit(t.config.Timeout)
		if t.script.state != stateNonauth {
			if err := t.login(c); err != nil {
				return err
			}
		}
		if c.number == 1 {
			if err := t.capable(c); err != nil {
				return err
			}
		}
		if t.script.state != stateNonauth && !t.swept[c.user] {
			t.swept[c.user] = true
			if err := t.sweep(c); err != nil {
				return err
			}
		}
	}
	if t.script.state >= stateCreated {
		if err := t.fill(t.conns[0]); err != nil {
			return err
		}
	}
	return t.selectAll()
}

func (t *test) login(c *conn) error {
	user := t.config.Users[c.user]
	command := slices.Concat(text("LOGIN "), astring(user.Name), text(" "), astring(user.Password))
	return c.must("LOGIN", command, nil)
}

// must runs a command that has to succeed.
func (c *conn) must(what string, command []segment, each func(reply)) error {
	r, err := c.do(command, each)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if !r.says("OK") {
		return fmt.Errorf("%s: %s", what, shorten(formatArgs(r.args)))
	}
	return nil
}

// capable asks for the capabilities and returns a skip when one is missing that the script needs.
func (t *test) capable(c *conn) error {
	if len(t.script.capabilities) == 0 {
		return nil
	}
	var have []string
	err := c.must("CAPABILITY", text("CAPABILITY"), func(r reply) {
		if r.says("CAPABILITY") {
			for _, a := range r.args[1:] {
				have = append(have, a.text)
			}
		}
	})
	if err != nil {
		return err
	}
	for _, name := range t.script.capabilities {
		if !slices.ContainsFunc(have, func(other string) bool { return isCapability(name, other) }) {
			return skip("the server has not " + name)
		}
	}
	return nil
}

// isCapability compares names; one that ends with "=" stands for the capability with any value.
func isCapability(wanted, have string) bool {
	return equalFold(wanted, have) || strings.HasSuffix(wanted, "=") && hasPrefixFold(have, wanted)
}

// sweep deletes the test mailboxes of the user, children first, and ends their subscriptions.
func (t *test) sweep(c *conn) error {
	mailboxes, err := t.names(c, "LIST")
	if err != nil {
		return err
	}
	subscribed, err := t.names(c, "LSUB")
	if err != nil {
		return err
	}
	if err := t.delete(c, mailboxes); err != nil {
		return err
	}
	for _, name := range subscribed {
		if _, err := c.try("UNSUBSCRIBE", name); err != nil {
			return err
		}
	}
	return nil
}

// keeping is how long Cyrus, when it keeps what is deleted for a while, refuses to delete a name again.
const keeping = 1100 * time.Millisecond

// delete deletes mailboxes. Those that are refused are tried again once, a little later: what still stays need not be deletable,
// one that only holds others for instance.
func (t *test) delete(c *conn, mailboxes []string) error {
	var refused []string
	for _, name := range mailboxes {
		ok, err := c.try("DELETE", name)
		if err != nil {
			return err
		}
		if !ok && !t.stubborn[name] {
			refused = append(refused, name)
		}
	}
	if len(refused) == 0 {
		return nil
	}
	if err := t.pause(keeping); err != nil {
		return err
	}
	for _, name := range refused {
		ok, err := c.try("DELETE", name)
		if err != nil {
			return err
		}
		t.stubborn[name] = !ok
	}
	return nil
}

// try runs a command with a mailbox that may fail.
func (c *conn) try(command, mailbox string) (ok bool, err error) {
	r, err := c.do(slices.Concat(text("%s ", command), astring(mailbox)), nil)
	return err == nil && r.says("OK"), err
}

// maxMailboxes is how many test mailboxes are believed in.
const maxMailboxes = 10_000

// names are those of the test mailboxes, in descending order. LSUB is not part of IMAP4rev2.
func (t *test) names(c *conn, command string) ([]string, error) {
	var names []string
	_, err := c.do(slices.Concat(text(`%s "" `, command), astring(t.config.Mailbox+"*")), func(r reply) {
		if len(r.args) < 4 || !r.says(command) || len(names) == maxMailboxes {
			return
		}
		if name := r.args[3].text; hasPrefixFold(name, t.config.Mailbox) {
			names = append(names, name)
		}
	})
	slices.Sort(names)
	slices.Reverse(names)
	return names, err
}

// fill makes the test mailbox and appends the messages.
func (t *test) fill(c *conn) error {
	c.limit(t.config.Timeout)
	if err := c.must("CREATE", slices.Concat(text("CREATE "), astring(t.config.Mailbox)), nil); err != nil {
		return err
	}
	if t.script.state < stateAppended {
		return nil
	}
	count := t.script.messages
	if count == allMessages {
		if count = len(t.script.mbox); t.script.mboxErr != nil {
			return t.script.mboxErr
		}
	}
	for range count {
		m, err := t.message()
		if err != nil {
			return err
		}
		c.limit(t.config.Timeout)
		command := slices.Concat(text("APPEND "), astring(t.config.Mailbox), text("%s ", m.dateArgument()), m.literal())
		if err := c.must("APPEND", command, nil); err != nil {
			return err
		}
	}
	return nil
}

// dateArgument is the date-time of APPEND, with a blank before it.
func (m message) dateArgument() string {
	if m.date.IsZero() {
		return ""
	}
	return m.date.Format(` "_2-Jan-2006 15:04:05 -0700"`)
}

func (m message) literal() []segment { return []segment{{octets: m.octets, literal: true}} }

// selectAll selects the test mailbox where the script begins with that. Only its owner can.
func (t *test) selectAll() error {
	if t.script.state != stateSelected {
		return nil
	}
	for _, c := range t.conns {
		if c.user != t.conns[0].user {
			continue
		}
		c.limit(t.config.Timeout)
		if err := c.must("SELECT", slices.Concat(text("SELECT "), astring(t.config.Mailbox)), nil); err != nil {
			return err
		}
	}
	return nil
}

// sweep removes the test mailboxes of all users, each on a connection of its own: those of the scripts may be in any state. What
// fails here fails again, and is told, before the next test.
func (c *campaign) sweep(ctx context.Context) {
	for user := range c.used {
		t := c.test(ctx, &Script{Name: "(end)", connections: 1, state: stateAuth, users: map[int]string{1: c.config.Users[user].Name}})
		_ = t.begin()
		t.end()
	}
}
