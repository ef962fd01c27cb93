package server_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/jmap/cyrustest"
	"github.com/dragoman-mail/dragoman/jmap/mime"
	"github.com/dragoman-mail/dragoman/testdata/mail/hard"
)

// differential asks both servers and keeps what differs.
type differential struct {
	gateway, native *reader
	groups          []string       // in order
	count           map[string]int // answers by group
	different       []difference
	notOffered      []string // by the gateway
}

func newDifferential(gateway, native *peer, names []string) *differential {
	return &differential{gateway: &reader{gateway, names}, native: &reader{native, names}, count: map[string]int{}}
}

// askOnceOffered asks questions of an extension as soon as the gateway announces it. Until then Cyrus alone answers, so that they are
// known to be right.
func (d *differential) askOnceOffered(capability string, questions []question) {
	if d.gateway.peer.has(capability) {
		d.ask(questions...)
		return
	}
	d.notOffered = append(d.notOffered, capability)
	for _, q := range questions {
		d.native.peer.ok(d.native.peer.withUIDs(q.command))
	}
}

func (d *differential) ask(questions ...question) {
	for _, q := range questions {
		d.compare(q, d.gateway.read(q), d.native.read(q))
	}
}

func (d *differential) compare(q question, gateway, native answers) {
	different, count := compare(q, gateway, native)
	if _, seen := d.count[q.group]; !seen {
		d.groups = append(d.groups, q.group)
	}
	d.count[q.group] += count
	d.different = append(d.different, different...)
}

// parts asks for all parts of all messages.
func (d *differential) parts(names []string) {
	gateway, native := structures(d.gateway.peer), structures(d.native.peer)
	for i, name := range names {
		seq := uint32(i + 1)
		parts, binary := partQuestions(i+1, name, gateway[seq], native[seq])
		d.ask(parts)
		g, n := d.gateway.read(binary[0]), d.native.read(binary[0])
		result := answer{binary[0].result(), name}
		if g[result] == "OK" && n[result] == "OK" {
			d.compare(binary[0], g, n)
			continue
		}
		d.ask(binary[1:]...)
	}
}

// TestDifferentialRawHeaders asks about mail with 8-bit headers, in which Cyrus by default stores an X for each such octet.
func TestDifferentialRawHeaders(t *testing.T) {
	t.Parallel()
	gateway, native := overCyrus(t, cyrustest.Start(t, "munge8bit: no"))
	requireTableVersion(t, native)
	names := load(t, native, func(m hard.Message) bool { return !mime.IsASCII(mime.Parse(m.Octets).Header()) })
	require.NotEmpty(t, names)
	gateway.look("INBOX")
	native.look("INBOX")
	d := newDifferential(gateway, native, names)
	d.ask(slices.DeleteFunc(fetchQuestions(), func(q question) bool { return q.group == "sets" })...) // of more messages than there are
	d.parts(names)
	d.ask(slices.DeleteFunc(searchQuestions(), func(q question) bool { return !strings.HasPrefix(q.command, "SEARCH CHARSET UTF-8") })...)
	d.judge(t, knownOfRawHeaders)
}

func structures(p *peer) map[uint32]imap.Body {
	all := map[uint32]imap.Body{}
	for _, response := range p.ok("FETCH 1:* (BODYSTRUCTURE)").untagged {
		if data, ok := response.(*imap.FetchData); ok {
			for _, item := range data.Items {
				if body, ok := item.(*imap.MsgBodyStructure); ok {
					all[data.Seq] = body.Body
				}
			}
		}
	}
	return all
}

// TestDifferential asks Cyrus's IMAP and the gateway over Cyrus's JMAP the same about the same mail. Every difference has its reason in
// knownDifferences; -v shows how many there are.
func TestDifferential(t *testing.T) {
	t.Parallel()
	gateway, native := overCyrus(t, cyrustest.Start(t))
	requireTableVersion(t, native)
	names := load(t, native, wholeCorpus)
	require.GreaterOrEqual(t, len(names), 60)
	makeMailboxes(native)
	gateway.look("INBOX")
	native.look("INBOX")
	d := newDifferential(gateway, native, names)
	d.ask(fetchQuestions()...)
	d.parts(names)
	d.ask(searchQuestions()...)
	d.ask(listQuestions()...)
	d.askOnceOffered("SORT", sortQuestions())
	for _, algorithm := range []string{"ORDEREDSUBJECT", "REFERENCES"} {
		d.askOnceOffered("THREAD="+algorithm, threadQuestions(algorithm))
	}
	for _, q := range wrongQuestions() {
		for _, p := range []*peer{gateway, native} {
			p.reconnect() // too many errors end a session
			p.ok("EXAMINE INBOX")
		}
		d.ask(q)
	}
	gateway.look("Empty")
	native.look("Empty")
	d.ask(emptyQuestions()...)
	d.ask(codeQuestions()...)
	d.judge(t, knownDifferences)
}
