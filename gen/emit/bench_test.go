package emit_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/imap/parser"
	"github.com/dragoman-mail/dragoman/generated/imap/peg"
)

// benchLines are the commands of ../shared/design/grammar.md section 4.
var benchLines = []struct {
	name string
	line string
	lits []imap.Literal
}{
	{"fetch", "a1 FETCH 1:100 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY.PEEK[HEADER.FIELDS (From To Subject)]<0.2048>)\r\n", nil},
	{"store", "a1 UID STORE 1:5,9 +FLAGS.SILENT (\\Seen \\Deleted $Junk)\r\n", nil},
	{"search20", "a1 UID SEARCH RETURN (ALL COUNT) " + strings.Repeat("UNSEEN FROM \"bob\" SINCE 1-Feb-2024 OR TO x NOT DELETED ", 4) + "ALL\r\n", nil},
	{"set10k", "a1 UID FETCH " + longSet(10000) + " FLAGS\r\n", nil},
	{"login", "a1 LOGIN {4+}\r\n {6+}\r\n\r\n", []imap.Literal{
		{Size: 4, NonSync: true, Data: []byte("fred")}, {Size: 6, NonSync: true, Data: []byte("secret")},
	}},
}

func longSet(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprint(&b, 2*i+1)
	}
	return b.String()
}

func BenchmarkCommand(b *testing.B) {
	for _, c := range benchLines {
		b.Run(c.name, func(b *testing.B) {
			line := []byte(c.line)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := parser.Command(line, c.lits, imap.AllFeatures); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkReference is the same by pigeon's parser, which only accepts or rejects.
func BenchmarkReference(b *testing.B) {
	for _, c := range benchLines {
		b.Run(c.name, func(b *testing.B) {
			line := []byte(c.line)
			if len(line) > peg.MaxInput {
				b.Skip("the reference parser does not take lines of this length")
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := peg.Check("command", line); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkResponse(b *testing.B) {
	for _, c := range []struct{ name, line string }{
		{"flags", "* 12 FETCH (UID 41 FLAGS (\\Seen $Junk))\r\n"},
		{"envelope", "* 12 FETCH (ENVELOPE (\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \"minutes\" ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) NIL ((NIL NIL \"imap\" \"cac.washington.edu\")) NIL NIL NIL \"<B27397-0100000@cac.washington.edu>\"))\r\n"},
	} {
		b.Run(c.name, func(b *testing.B) {
			line := []byte(c.line)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := parser.Response(line, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkHostile has the lines that are built to cost most, as long as a command may be.
// The bound is 1,000 ns for an octet.
func BenchmarkHostile(b *testing.B) {
	const size = 256 << 10
	for name, make := range hostileLines {
		b.Run(name, func(b *testing.B) {
			line := []byte(make(size))
			parse := func() { _, _ = parser.Command(line, nil, 0) }
			if line[0] == '*' || line[0] == '+' {
				parse = func() { _, _ = parser.ResponseLenient(line, nil) }
			}
			for b.Loop() {
				parse()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(line)), "ns/octet")
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	flags, uid := &imap.MsgFlags{Flags: []string{`\Seen`, "$Junk"}}, &imap.MsgUID{UID: 7}
	small := &imap.FetchData{Seq: 7, Items: []imap.MsgAtt{uid, flags}}
	date := &imap.FetchData{Seq: 7, Items: []imap.MsgAtt{uid, flags, &imap.MsgInternalDate{Date: time.Unix(1e9, 0).UTC()}, &imap.MsgSize{Octets: 12345}}}
	for name, r := range map[string]imap.Response{"flags": small, "overview": date} {
		b.Run(name, func(b *testing.B) {
			e := imap.NewEncoder(io.Discard)
			b.ReportAllocs()
			for b.Loop() {
				if err := e.Encode(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestEncodeFlagsAllocatesNothing holds the fast path: a FETCH of UID and FLAGS.
func TestEncodeFlagsAllocatesNothing(t *testing.T) {
	e := imap.NewEncoder(io.Discard)
	r := &imap.FetchData{Seq: 7, Items: []imap.MsgAtt{&imap.MsgUID{UID: 7}, &imap.MsgFlags{Flags: []string{`\Seen`}}}}
	for range 4000 { // until the buffer has its size
		_ = e.Encode(r)
	}
	if n := testing.AllocsPerRun(1000, func() { _ = e.Encode(r) }); n > 0 {
		t.Errorf("%v allocations per response", n)
	}
	var out bytes.Buffer
	e = imap.NewEncoder(&out)
	_ = e.Encode(r)
	_ = e.Flush()
	if got := out.String(); got != "* 7 FETCH (UID 7 FLAGS (\\Seen))\r\n" {
		t.Errorf("encoded as %q", got)
	}
}
