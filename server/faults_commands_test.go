package server_test

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/dragoman-mail/dragoman/jmap/faultproxy"
)

// faultyCommand is a command that meets a fault.
type faultyCommand struct {
	name string
	text string          // what the client sends; %s is the user
	kind faultproxy.Kind // the requests that meet the fault
	// method is what the command writes with: a fault that comes once meets that.
	method string
	// before are commands of the same session that meet none.
	before []string
	// effect is what the command does to the mail. Nil for one that only reads.
	effect func(c *cell, now *truth)
	// between are the states that a NO may leave besides "all" and "nothing".
	between []func(c *cell, now *truth)
	append  bool // text is a mailbox, and the message is appendText
	login   bool // the command is LOGIN, with no session before
	idle    bool
}

// appendText is what APPEND stores.
func appendText(user string) string { return letterText(user, 30) }

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func (h *truth) drop(path, digest string) {
	h.boxes[path] = slices.DeleteFunc(h.boxes[path], func(l letter) bool { return l.digest == digest })
}

func (h *truth) find(path, digest string) letter {
	for _, l := range h.boxes[path] {
		if l.digest == digest {
			return l
		}
	}
	return letter{}
}

func (h *truth) add(path string, l letter) { h.boxes[path] = append(h.boxes[path], l) }

func (c *cell) letter(n int) string { return digestOf(letterText(c.user.User, n)) }

func flag(c *cell, now *truth) {
	for path, letters := range now.boxes {
		for i := range letters {
			if letters[i].digest == c.letter(2) {
				now.boxes[path][i].flags = "$flagged"
			}
		}
	}
}

func copied(c *cell, now *truth) { now.add("Work", now.find("INBOX", c.letter(2))) }

func moved(c *cell, now *truth) {
	copied(c, now)
	now.drop("INBOX", c.letter(2))
}

func removed(n int) func(c *cell, now *truth) {
	return func(c *cell, now *truth) { now.drop("INBOX", c.letter(n)) }
}

func expunged(c *cell, now *truth) {
	removed(2)(c, now)
	removed(3)(c, now)
}

func appended(c *cell, now *truth) {
	text := appendText(c.user.User)
	now.add("Work", letter{size: int64(len(text)), digest: digestOf(text), flags: "$flagged"})
}

func created(path string) func(c *cell, now *truth) {
	return func(_ *cell, now *truth) { now.boxes[path], now.subscribed[path] = nil, true }
}

const markTwo = `STORE 2:3 +FLAGS.SILENT (\Deleted)`

// faultyCommands are those of the table.
var faultyCommands = []faultyCommand{
	{name: "LOGIN", login: true, kind: faultproxy.Session},
	{name: "LIST", text: `LIST "" *`},
	{name: "STATUS", text: "STATUS Work (MESSAGES UNSEEN)"},
	{name: "SELECT cold", text: "SELECT INBOX"},
	{name: "SELECT warm", text: "SELECT INBOX", before: []string{"SELECT INBOX", "UNSELECT"}},
	{name: "FETCH FLAGS", text: "FETCH 1:* (FLAGS)", before: []string{"SELECT INBOX"}},
	{name: "FETCH ENVELOPE", text: "FETCH 1:* (ENVELOPE)", before: []string{"SELECT INBOX"}},
	{name: "FETCH BODY[]", text: "FETCH 1:* (BODY.PEEK[])", before: []string{"SELECT INBOX"}},
	{name: "SEARCH", text: "SEARCH UNFLAGGED", before: []string{"SELECT INBOX"}},
	{name: "SEARCH BODY", text: "SEARCH BODY word2x", before: []string{"SELECT INBOX"}},
	{name: "NOOP", text: "NOOP", before: []string{"SELECT INBOX"}},
	{name: "IDLE", idle: true, before: []string{"SELECT INBOX"}},
	{name: "STORE", method: "Email/set", text: `STORE 2 +FLAGS (\Flagged)`, before: []string{"SELECT INBOX"}, effect: flag},
	{name: "COPY", method: "Email/set", text: "COPY 2 Work", before: []string{"SELECT INBOX"}, effect: copied},
	{name: "MOVE", method: "Email/set", text: "MOVE 2 Work", before: []string{"SELECT INBOX"}, effect: moved},
	{
		name: "APPEND upload", text: "Work", append: true, kind: faultproxy.Upload,
		before: []string{"SELECT INBOX", "STATUS Work (MESSAGES)"}, effect: appended,
	},
	{
		name: "APPEND import", text: "Work", append: true, kind: faultproxy.Call, method: "Email/import",
		before: []string{"SELECT INBOX", "STATUS Work (MESSAGES)"}, effect: appended,
	},
	{
		name: "EXPUNGE", method: "Email/set", text: "EXPUNGE", before: []string{"SELECT INBOX", markTwo}, effect: expunged,
		between: []func(*cell, *truth){removed(2), removed(3)},
	},
	{name: "UID EXPUNGE", method: "Email/set", text: "UID EXPUNGE 2", before: []string{"SELECT INBOX", markTwo}, effect: removed(2)},
	{
		name: "CLOSE", method: "Email/set", text: "CLOSE", before: []string{"SELECT INBOX", markTwo}, effect: expunged,
		between: []func(*cell, *truth){removed(2), removed(3)},
	},
	{
		name: "CREATE", method: "Mailbox/set", text: "CREATE New/Sub", effect: func(c *cell, now *truth) {
			created("New")(c, now)
			created("New/Sub")(c, now)
		},
		between: []func(*cell, *truth){created("New")},
	},
	{name: "DELETE", method: "Mailbox/set", text: "DELETE Old", effect: func(_ *cell, now *truth) {
		delete(now.boxes, "Old")
		delete(now.subscribed, "Old")
	}},
	{name: "RENAME", method: "Mailbox/set", text: "RENAME Old Moved/Old", effect: func(c *cell, now *truth) {
		created("Moved")(c, now)
		created("Moved/Old")(c, now)
		now.boxes["Moved/Old"] = now.boxes["Old"]
		delete(now.boxes, "Old")
		delete(now.subscribed, "Old")
	}, between: []func(*cell, *truth){created("Moved")}},
	{name: "SUBSCRIBE", method: "Mailbox/set", text: "SUBSCRIBE Work", before: []string{"UNSUBSCRIBE Work"}, effect: func(_ *cell, now *truth) { now.subscribed["Work"] = true }},
	{name: "UNSUBSCRIBE", method: "Mailbox/set", text: "UNSUBSCRIBE Work", effect: func(_ *cell, now *truth) { now.subscribed["Work"] = false }},
}

// faultLine is a row of the table.
type faultLine struct {
	fault   faultproxy.Fault
	calls   bool   // only method calls can meet it
	held    bool   // it lasts, and is there for all requests: an outage
	only    string // for the name: which requests an outage is limited to
	timeout bool   // the client has to give up
	warm    bool   // the gateway knows the mailboxes before: nobody can tell that a first list is short
	short   bool   // a mailbox that is opened for the first time may be shown short: the server's list is believed after some tries
}

func (l faultLine) name() string {
	name := l.fault.Name
	if l.held {
		name += ", lasting"
	}
	return name + l.only
}

// faultLines are the rows of the table: faults that come once, and outages.
func faultLines() []faultLine {
	const limit = 400
	once := []faultLine{
		{fault: faultproxy.Hang(), timeout: true},
		{fault: faultproxy.Hang().Afterwards(), timeout: true},
		{fault: faultproxy.Drip().Afterwards(), timeout: true},
		{fault: faultproxy.Reset()},
		{fault: faultproxy.Reset().Afterwards()},
		{fault: faultproxy.ResetInHeader().Afterwards()},
		{fault: faultproxy.ResetInBody().Afterwards()},
		{fault: faultproxy.Status(500, -1)},
		{fault: faultproxy.Status(500, -1).Afterwards()},
		{fault: faultproxy.Status(502, -1).Afterwards()},
		{fault: faultproxy.Status(503, 1)},
		{fault: faultproxy.Status(503, 1).Afterwards()},
		{fault: faultproxy.Status(429, 1)},
		{fault: faultproxy.Status(401, -1)},
		{fault: faultproxy.Truncated().Afterwards()},
		{fault: faultproxy.WrongShape().Afterwards()},
		{fault: faultproxy.Page()},
		{fault: faultproxy.Page().Afterwards()},
		{fault: faultproxy.Redirect("http://elsewhere.invalid/")},
		{fault: faultproxy.Unresolvable()},
		{fault: faultproxy.Refused()},
		{calls: true, fault: faultproxy.Problem(limit, "limit", "maxConcurrentRequests")},
		{calls: true, fault: faultproxy.Problem(limit, "limit", "maxObjectsInGet")},
		{calls: true, fault: faultproxy.Problem(limit, "limit", "maxObjectsInGet").Afterwards()},
		{calls: true, fault: faultproxy.Problem(limit, "notRequest", "")},
		{calls: true, fault: faultproxy.MethodError("serverFail")},
		{calls: true, fault: faultproxy.MethodError("serverUnavailable")},
		{calls: true, fault: faultproxy.MethodError("serverPartialFail").Afterwards()},
		{calls: true, fault: faultproxy.MethodError("accountNotFound")},
		{calls: true, fault: faultproxy.MethodError("invalidArguments")},
		{calls: true, fault: faultproxy.EmptyLists()},
		{calls: true, fault: faultproxy.MissingEntries(), warm: true},
		{calls: true, fault: faultproxy.WrongAccount()},
	}
	var lines []faultLine
	for _, l := range once {
		lines = append(lines, l)
	}
	for _, fault := range []faultproxy.Fault{
		faultproxy.Hang(), faultproxy.Reset(), faultproxy.Reset().Afterwards(), faultproxy.Status(500, -1), faultproxy.Status(503, 1),
		faultproxy.Page(), faultproxy.Refused(), faultproxy.Unresolvable(), faultproxy.Status(401, -1),
	} {
		lines = append(lines, faultLine{fault: fault, held: true, timeout: fault.Name == "no answer"})
	}
	// Uploads pass, and so the message of an APPEND is stored in the middle of the outage.
	lines = append(lines,
		faultLine{fault: faultproxy.Reset().Afterwards(), held: true, calls: true, only: " (calls)"},
		faultLine{fault: faultproxy.Hang().Afterwards(), held: true, calls: true, only: " (calls)", timeout: true},
	)
	for _, fault := range []faultproxy.Fault{
		faultproxy.MethodError("serverFail"), faultproxy.MethodError("serverPartialFail").Afterwards(), faultproxy.EmptyLists(),
		faultproxy.MissingEntries(), faultproxy.WrongAccount(),
	} {
		short := fault.Name == "missing entries"
		lines = append(lines, faultLine{fault: fault, held: true, calls: true, warm: short, short: short})
	}
	return lines
}

// rule is how the fault of a line meets the requests of a command.
func (l faultLine) rule(command faultyCommand) faultproxy.Rule {
	rule := faultproxy.Rule{Kind: command.kind, Method: command.method, Fault: l.fault, Times: 1}
	if l.held {
		rule.Kind, rule.Method, rule.Times = faultproxy.Any, "", 0
	}
	if l.calls {
		rule.Kind = faultproxy.Call
	}
	return rule
}

// applies reports whether a line makes sense for a command.
func (l faultLine) applies(command faultyCommand) bool {
	return !l.calls || l.held && !command.login || command.kind == faultproxy.Any || command.kind == faultproxy.Call
}
