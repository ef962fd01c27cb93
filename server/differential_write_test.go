package server_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/jmap/cyrustest"
	"github.com/dragoman-mail/dragoman/testdata/mail/hard"
)

// writeStep is a command on one side, and what both sides have then: the messages of INBOX and of Other with their flags.
type writeStep struct {
	by      string // "gateway" or "Cyrus"
	command string // {A} stands for the UID of message A; "APPEND A" for an APPEND of it
	want    string
	native  string // what Cyrus has where that is another thing, for the reason why
	why     string
}

const (
	deletedIsHidden = `JMAP shows no message that is \Deleted in Cyrus, and does not know \Deleted of the gateway`
	onlyOnce        = "JMAP on Cyrus has identical octets once in an account, seen when all native copies are; docs/deviations.md, Copies"
	oneKeyword      = "JMAP has one set of keywords for an Email, Cyrus one for each mailbox that it is in"
)

var writeSteps = []writeStep{
	{by: "Cyrus", command: "APPEND A", want: `INBOX: A() Other:`},
	{by: "gateway", command: `APPEND B (\Flagged Spelled)`, want: `INBOX: A() B(\flagged spelled) Other:`},
	{by: "gateway", command: `UID STORE {A} +FLAGS (\Seen $Forwarded)`, want: `INBOX: A($forwarded \seen) B(\flagged spelled) Other:`},
	{by: "Cyrus", command: `UID STORE {B} +FLAGS (\Answered sPELLED Other)`, want: `INBOX: A($forwarded \seen) B(\answered \flagged other spelled) Other:`},
	{by: "gateway", command: `UID STORE {B} -FLAGS (\Flagged OTHER)`, want: `INBOX: A($forwarded \seen) B(\answered spelled) Other:`},
	{by: "Cyrus", command: `UID STORE {A} FLAGS (\Draft)`, want: `INBOX: A(\draft) B(\answered spelled) Other:`},
	{by: "gateway", command: `UID STORE {A} FLAGS ()`, want: `INBOX: A() B(\answered spelled) Other:`},
	{by: "gateway", command: `UID STORE {B} FLAGS.SILENT (\Seen)`, want: `INBOX: A() B(\seen) Other:`},
	{by: "gateway", command: "APPEND C", want: `INBOX: A() B(\seen) C() Other:`},
	{by: "Cyrus", command: `APPEND D (\Seen)`, want: `INBOX: A() B(\seen) C() D(\seen) Other:`},
	{by: "gateway", command: "UID COPY {A} Other", want: `INBOX: A() B(\seen) C() D(\seen) Other: A()`},
	{by: "Cyrus", command: "UID COPY {B} Other", want: `INBOX: A() B(\seen) C() D(\seen) Other: A() B(\seen)`},
	{by: "gateway", command: `UID STORE {A} +FLAGS (\Flagged)`, want: `INBOX: A(\flagged) B(\seen) C() D(\seen) Other: A(\flagged) B(\seen)`},
	{by: "Cyrus", command: `UID STORE {A} -FLAGS (\Flagged)`, want: `INBOX: A(\flagged) B(\seen) C() D(\seen) Other: A(\flagged) B(\seen)`,
		native: `INBOX: A() B(\seen) C() D(\seen) Other: A(\flagged) B(\seen)`, why: oneKeyword},
	{by: "gateway", command: `UID STORE {A} -FLAGS (\Flagged)`, want: `INBOX: A() B(\seen) C() D(\seen) Other: A() B(\seen)`},
	{by: "gateway", command: "UID MOVE {C} Other", want: `INBOX: A() B(\seen) D(\seen) Other: A() B(\seen) C()`},
	{by: "Cyrus", command: "UID MOVE {D} Other", want: `INBOX: A() B(\seen) Other: A() B(\seen) C() D(\seen)`},
	{by: "gateway", command: `UID STORE {A} +FLAGS (\Deleted)`, want: `INBOX: A(\deleted) B(\seen) Other: A() B(\seen) C() D(\seen)`,
		native: `INBOX: A() B(\seen) Other: A() B(\seen) C() D(\seen)`, why: deletedIsHidden},
	{by: "gateway", command: "EXPUNGE", want: `INBOX: B(\seen) Other: A() B(\seen) C() D(\seen)`},
	{by: "Cyrus", command: `UID STORE {B} +FLAGS (\Deleted)`, want: `INBOX: Other: A() B(\seen) C() D(\seen)`,
		native: `INBOX: B(\deleted \seen) Other: A() B(\seen) C() D(\seen)`, why: deletedIsHidden},
	{by: "Cyrus", command: `UID STORE {B} -FLAGS (\Deleted)`, want: `INBOX: B(\seen) Other: A() B(\seen) C() D(\seen)`},
	{by: "Cyrus", command: `UID STORE {B} +FLAGS (\Deleted)`, want: `INBOX: Other: A() B(\seen) C() D(\seen)`,
		native: `INBOX: B(\deleted \seen) Other: A() B(\seen) C() D(\seen)`, why: deletedIsHidden},
	{by: "Cyrus", command: "EXPUNGE", want: `INBOX: Other: A() B(\seen) C() D(\seen)`},
	{by: "gateway", command: `APPEND E (\Flagged)`, want: `INBOX: E(\flagged) Other: A() B(\seen) C() D(\seen)`},
	{by: "gateway", command: `APPEND F (\Deleted)`, want: `INBOX: E(\flagged) F(\deleted) Other: A() B(\seen) C() D(\seen)`,
		native: `INBOX: E(\flagged) F() Other: A() B(\seen) C() D(\seen)`, why: deletedIsHidden},
	{by: "gateway", command: "UID EXPUNGE {E}", want: `INBOX: E(\flagged) F(\deleted) Other: A() B(\seen) C() D(\seen)`,
		native: `INBOX: E(\flagged) F() Other: A() B(\seen) C() D(\seen)`, why: deletedIsHidden},
	{by: "gateway", command: "UID EXPUNGE {F}", want: `INBOX: E(\flagged) Other: A() B(\seen) C() D(\seen)`},
	{by: "gateway", command: "RENAME Other Elsewhere/Other", want: `INBOX: E(\flagged) Other:`},
	{by: "Cyrus", command: "RENAME Elsewhere/Other Other", want: `INBOX: E(\flagged) Other: A() B(\seen) C() D(\seen)`},
	{by: "Cyrus", command: "DELETE Other", want: `INBOX: E(\flagged) Other:`},
	{by: "gateway", command: "CREATE Other", want: `INBOX: E(\flagged) Other:`},
	{by: "gateway", command: "UID FETCH {E} (BODY.PEEK[] RFC822.HEADER BINARY.PEEK[1] BINARY.SIZE[1] ENVELOPE)", want: `INBOX: E(\flagged) Other:`},
	{by: "gateway", command: "UID FETCH {E} (BODY[TEXT])", want: `INBOX: E(\flagged \seen) Other:`},
	{by: "Cyrus", command: `UID STORE {E} FLAGS ()`, want: `INBOX: E() Other:`},
	{by: "gateway", command: "UID FETCH {E} (BINARY[1])", want: `INBOX: E(\seen) Other:`},
	{by: "Cyrus", command: `UID STORE {E} -FLAGS (\Seen)`, want: `INBOX: E() Other:`},
	{by: "gateway", command: "UID FETCH {E} (RFC822)", want: `INBOX: E(\seen) Other:`},
	{by: "Cyrus", command: `UID STORE {E} -FLAGS (\Seen)`, want: `INBOX: E() Other:`},
	{by: "Cyrus", command: "UID FETCH {E} (BODY[])", want: `INBOX: E(\seen) Other:`},
	{by: "gateway", command: "UID COPY {E} Other", want: `INBOX: E(\seen) Other: E(\seen)`},
	{by: "gateway", command: "UID COPY {E} Other", want: `INBOX: E(\seen) Other: E(\seen)`},
	{by: "Cyrus", command: "UID COPY {E} Other", want: `INBOX: E(\seen) Other: E(\seen)`, native: `INBOX: E(\seen) Other: E(\seen) E(\seen)`, why: onlyOnce},
	{by: "Cyrus", command: "APPEND E", want: `INBOX: E() Other: E()`, native: `INBOX: E() E(\seen) Other: E(\seen) E(\seen)`, why: onlyOnce},
	{by: "gateway", command: "APPEND E (Third)", want: `INBOX: E(third) Other: E(third)`, native: `INBOX: E(\seen third) E(third) Other: E(\seen third) E(\seen third)`, why: onlyOnce},
	{by: "gateway", command: `UID STORE {E} +FLAGS.SILENT (\Deleted)`, want: `INBOX: E(\deleted third) Other: E(third)`, native: `INBOX: E(\seen third) E(third) Other: E(\seen third) E(\seen third)`, why: onlyOnce},
	{by: "gateway", command: "UID EXPUNGE {E}", want: `INBOX: Other: E(\seen third)`, native: `INBOX: Other: E(\seen third) E(\seen third)`, why: onlyOnce},
}

// What is written on one side is there on the other after NOOP, octet for octet.
func TestDifferentialWrites(t *testing.T) {
	t.Parallel()
	gateway, native := overCyrus(t, cyrustest.Start(t))
	native.ok("CREATE Other")
	sides := map[string]*writer{"gateway": newWriter(gateway), "Cyrus": newWriter(native)}
	differ := 0
	for i, step := range writeSteps {
		what := fmt.Sprintf("step %d: %s: %s", i+1, step.by, step.command)
		sides[step.by].do(step.command)
		want := step.want
		require.Equal(t, want, sides["gateway"].state(), "%s: gateway", what)
		if step.native != "" {
			require.NotEmpty(t, step.why)
			want = step.native
			differ++
		}
		require.Equal(t, want, sides["Cyrus"].state(), "%s: Cyrus", what)
	}
	t.Logf("%d steps, after each of which both sides have what it was to bring about; in %d of them that is not the same, for these reasons:\n%s\n%s\n%s",
		len(writeSteps), differ, deletedIsHidden, oneKeyword, onlyOnce)
}

// writer has a session with INBOX selected, and another for Other.
type writer struct {
	*peer
	other peer
	uids  map[string]uint32
}

func newWriter(p *peer) *writer {
	w := &writer{peer: p, other: *p}
	w.other.conn, w.other.rest = nil, nil
	w.other.reconnect()
	p.ok("SELECT INBOX")
	return w
}

// written is the message of a name: it has lines that end without CR, dots and octets of no charset, as far as Cyrus lets it.
func written(name string) []byte {
	return []byte("Subject: " + name + "\r\nX-Note: =?utf-8?q?=C3=A9?=\r\n\r\n.\r\n" + strings.Repeat(name+"\xff\xc3\xa9 ", 100) + "\r\n\r\n")
}

func (w *writer) do(command string) {
	w.tb.Helper()
	if rest, ok := strings.CutPrefix(command, "APPEND "); ok {
		name, flags, _ := strings.Cut(rest, " ")
		w.ok(appendCommand("INBOX", strings.Trim(flags, "()"), "", written(name)))
		return
	}
	for name, uid := range w.uids {
		command = strings.ReplaceAll(command, "{"+name+"}", strconv.Itoa(int(uid)))
	}
	w.ok(command)
}

// state is what this side has now.
func (w *writer) state() string {
	w.tb.Helper()
	w.ok("NOOP")
	w.uids = map[string]uint32{}
	inbox := w.contents(w.peer, w.uids)
	other := ""
	if w.other.do("EXAMINE Other").tagged.Status == imap.OK {
		other = w.contents(&w.other, nil)
	}
	return "INBOX:" + inbox + " Other:" + other
}

// contents are the messages of the mailbox that is selected, by name. Their octets must be those that were written.
func (w *writer) contents(p *peer, uids map[string]uint32) string {
	w.tb.Helper()
	var found []string
	for _, response := range p.ok("UID FETCH 1:* (FLAGS BODY.PEEK[])").untagged {
		data, ok := response.(*imap.FetchData)
		if !ok || len(data.Items) < 3 {
			continue
		}
		var name, flags string
		var uid uint32
		for _, item := range data.Items {
			switch i := item.(type) {
			case *imap.MsgUID:
				uid = i.UID
			case *imap.MsgFlags:
				flags = strings.Join(normalItem(i).(*imap.MsgFlags).Flags, " ")
			case *imap.MsgSection:
				name = string(i.Data.Bytes[len("Subject: "):][:1])
				require.Equal(w.tb, string(written(name)), string(i.Data.Bytes), p.name)
			}
		}
		if uids != nil {
			uids[name] = uid
		}
		found = append(found, fmt.Sprintf(" %s(%s)", name, flags))
	}
	slices.Sort(found)
	return strings.Join(found, "")
}

// What Cyrus's APPEND does not take, the gateway's does not take either.
func TestDifferentialRefused(t *testing.T) {
	t.Parallel()
	gateway, native := overCyrus(t, cyrustest.Start(t))
	refused, err := hard.Refused()
	require.NoError(t, err)
	for _, m := range refused {
		for _, p := range []*peer{gateway, native} {
			p.reconnect()
			require.NotEqual(t, imap.OK, p.do(appendCommand("INBOX", "", "", m.Octets)).tagged.Status, "%s: %s", p.name, m.Name)
		}
	}
	for _, p := range []*peer{gateway, native} {
		p.reconnect()
		require.Equal(t, "* STATUS INBOX (MESSAGES 0)", show(p.ok("STATUS INBOX (MESSAGES)").untagged[0]), p.name)
	}
}
