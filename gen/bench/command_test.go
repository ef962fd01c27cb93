// Package bench_test measures our parser beside two others, on the same octets and in
// one run: pigeon's parser of the same grammar, and the one of go-imap.
//
//	go test -run '^$' -bench . -benchmem -count 5 ./gen/bench
//
// Beside ns/op stands cpu-ns/op, the processor time of all goroutines and of the garbage
// collector. It is the figure to compare by: it does not mind what else the machine
// does, and counts what a second core does at the same time.
//
// The figures of a line are told apart by what follows "by=":
//
//   - ours: parser.Command or parser.Response, from a line in memory to typed structs.
//   - match: the same grammar without the structs; it allocates nothing.
//   - framed: ours, and all that stands before it: the octets are read from a connection
//     in memory, by the goroutine of wire.Input, and cut into commands.
//   - pigeon: peg.Check, from a line in memory to a verdict. It builds nothing.
//   - go-imap: what goimap_server_test.go and goimap_client_test.go say, which is more
//     than parsing. "cmd=expunge" and "resp=empty" are for taking that off.
package bench_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/imap/parser"
	"github.com/dragoman-mail/dragoman/generated/imap/peg"
	"github.com/dragoman-mail/dragoman/server/wire"
)

// commands are two without arguments, what mail programs send, and a set of many numbers.
// state is what go-imap has to be in to read them.
var commands = []struct {
	name  string
	state state
	text  string
}{
	{"noop", selected, "A14 NOOP"},
	{"expunge", selected, "A15 EXPUNGE"},
	{"login", notAuthenticated, `A1 LOGIN "fred@example.com" "correct horse \"battery\" staple"`},
	{"select", authenticated, `A2 SELECT "Lists/golang-nuts"`},
	{"list", authenticated, `A3 LIST (SUBSCRIBED) "" "*" RETURN (SPECIAL-USE)`},
	{"status", authenticated, `A4 STATUS "INBOX" (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)`},
	{"fetch-flags", selected, `A5 FETCH 1:* (FLAGS UID RFC822.SIZE)`},
	{"fetch-header", selected, `A6 UID FETCH 1041:1060 (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (From To Cc Bcc Subject Date Message-ID Priority X-Priority References Newsgroups In-Reply-To Content-Type Reply-To)])`},
	{"fetch-structure", selected, `A7 UID FETCH 1041:1060 (UID FLAGS INTERNALDATE ENVELOPE BODYSTRUCTURE)`},
	{"store", selected, `A8 UID STORE 1041,1043:1050,1060 +FLAGS (\Seen \Deleted $Junk)`},
	{"copy", selected, `A9 UID COPY 1041,1043:1050,1060 "Archive/2026"`},
	{"search", selected, `A10 UID SEARCH ` + strings.Repeat(`UNSEEN FROM "bob@example.com" SINCE 1-Feb-2026 OR TO fred NOT DELETED `, 4) + `UID 1:5000`},
	{"append", authenticated, `A11 APPEND "Sent" (\Seen $Forwarded) "27-Nov-2026 10:11:12 +0100" {5+}` + "\r\nhello"},
	{"rename", authenticated, `A12 RENAME "Work/Projects 2025" "Archive/Projects 2025"`},
	{"set-10000", selected, "A13 UID FETCH " + manyNumbers(10000) + " FLAGS"},
}

// manyNumbers gives ascending numbers with every sixth left out. go-imap merges neighbours;
// 10,000 numbers without any would be more than the 50 KiB that its server takes.
func manyNumbers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ",%d", 1+i/5*6+i%5)
	}
	return b.String()[1:]
}

func BenchmarkCommand(b *testing.B) {
	for _, c := range commands {
		text := c.text + "\r\n"
		line, lits, _ := wire.SplitResponse([]byte(text))
		run := func(by string, f func(*testing.B)) {
			measure(b, "cmd="+c.name+"/by="+by, len(text), f)
		}
		run("match", func(b *testing.B) {
			for b.Loop() {
				if !parser.MatchCommand(line, lits, imap.AllFeatures) {
					b.Fatal("no match")
				}
			}
		})
		run("ours", func(b *testing.B) {
			for b.Loop() {
				if _, err := parser.Command(line, lits, imap.AllFeatures); err != nil {
					b.Fatal(err)
				}
			}
		})
		run("framed", func(b *testing.B) { runFramed(b, text) })
		run("go-imap", func(b *testing.B) { runGoIMAPServer(b, c.state, text) })
		run("pigeon", func(b *testing.B) { runPigeon(b, "command", line) })
	}
}

// measure runs a benchmark on so many octets.
func measure(b *testing.B, name string, octets int, f func(*testing.B)) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(octets))
		start := cpuTime()
		f(b)
		b.ReportMetric(float64(cpuTime()-start)/float64(b.N), "cpu-ns/op")
	})
}

// runFramed takes the steps of the server's loop. Append data is kept in memory, where
// the server would spool it.
func runFramed(b *testing.B, text string) {
	in := wire.NewInput(newFeed("", text, -1), nil)
	defer in.Stop()
	framer := wire.NewFramer(in, wire.Limits{Line: 256 << 10, Literals: 1 << 20, Count: 1000, Discard: 1 << 30})
	for b.Loop() {
		outcome, err := framer.Next()
		for ; err == nil && outcome == wire.LiteralWanted; outcome, err = framer.Next() {
			parser.AppendStart(framer.Prefix(), framer.Literals(), imap.AllFeatures)
			if err := framer.Store(); err != nil {
				b.Fatal(err)
			}
		}
		if err != nil || outcome != wire.Complete {
			b.Fatal(outcome, err)
		}
		if _, err := parser.Command(framer.Line(), framer.Literals(), imap.AllFeatures); err != nil {
			b.Fatal(err)
		}
	}
}

// runPigeon asks pigeon's parser, which Check does not let take long lines.
func runPigeon(b *testing.B, entry string, line []byte) {
	if len(line) <= peg.MaxInput {
		for b.Loop() {
			if err := peg.Check(entry, line); err != nil {
				b.Fatal(err)
			}
		}
		return
	}
	for b.Loop() {
		if _, err := peg.Parse(entry, line, peg.Entrypoint("all_of_command"), peg.GlobalStore("strict", false)); err != nil {
			b.Fatal(err)
		}
	}
}

// The three take every line of the comparison.
func TestEveryParserTakesTheCommands(t *testing.T) {
	for _, c := range commands {
		text := c.text + "\r\n"
		line, lits, _ := wire.SplitResponse([]byte(text))
		if _, err := parser.Command(line, lits, imap.AllFeatures); err != nil {
			t.Error(c.name, err)
		}
		if !parser.MatchCommand(line, lits, imap.AllFeatures) {
			t.Error(c.name, "is no match")
		}
		if err := peg.Check("command", line); err != nil && len(line) <= peg.MaxInput {
			t.Error(c.name, err)
		}
		if calls := serveGoIMAP(c.state, newFeed(c.state.head(), text, 3)); calls != 3 {
			t.Error(c.name, "reached the session of go-imap", calls, "times of 3")
		}
	}
}

// Matching leaves no garbage: the tape is used again.
func TestMatchAllocatesNothing(t *testing.T) {
	if raceOn {
		t.Skip("the race detector makes sync.Pool lose the tape at random")
	}
	for _, c := range commands {
		line, lits, _ := wire.SplitResponse([]byte(c.text + "\r\n"))
		match := func() { parser.MatchCommand(line, lits, imap.AllFeatures) }
		match()
		if n := testing.AllocsPerRun(100, match); n > 0 {
			t.Errorf("%s: %v allocations", c.name, n)
		}
	}
}
