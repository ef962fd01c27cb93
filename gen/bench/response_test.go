package bench_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dragoman-mail/dragoman/generated/imap/parser"
	"github.com/dragoman-mail/dragoman/generated/imap/peg"
	"github.com/dragoman-mail/dragoman/server/wire"
)

// fetchLines is how many lines an answer to FETCH has here.
const fetchLines = 1000

// answers are what servers send to a client that looks at a mailbox.
var answers = []struct{ name, items string }{
	{"flags", `UID {uid} FLAGS (\Seen $Junk) RFC822.SIZE {size} INTERNALDATE "17-Jul-2026 02:44:25 -0700"`},
	{"overview", `UID {uid} FLAGS (\Seen) ENVELOPE ("Wed, 17 Jul 2026 02:23:25 -0700" "IMAP4rev2 WG mtg summary and minutes" (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) ((NIL NIL "imap" "cac.washington.edu")) ((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL "<B27397-0100000@cac.washington.edu>") BODYSTRUCTURE (("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" {size} 48 NIL NIL NIL NIL)("APPLICATION" "PDF" ("NAME" "minutes.pdf") "<960723163407.20117h@cac.washington.edu>" "Minutes" "BASE64" 4554 NIL ("ATTACHMENT" ("FILENAME" "minutes.pdf")) NIL NIL) "MIXED" ("BOUNDARY" "b1_2") NIL NIL NIL)`},
}

func fetchAnswer(items string) (lines []string) {
	for i := range fetchLines {
		r := strings.NewReplacer("{uid}", fmt.Sprint(1041+i), "{size}", fmt.Sprint(2000+37*i))
		lines = append(lines, fmt.Sprintf("* %d FETCH (%s)\r\n", i+1, r.Replace(items)))
	}
	return lines
}

// BenchmarkResponse has one operation for all lines of an answer. Here "framed" also
// looks for the ends of the lines, in memory.
func BenchmarkResponse(b *testing.B) {
	empty := strings.Join(fetchAnswer(""), "")
	measure(b, "resp=empty/by=go-imap", len(empty), func(b *testing.B) { runGoIMAPClient(b, empty) })
	measure(b, "resp=empty/by=go-imap-bare", len(empty), func(b *testing.B) { runGoIMAPUnasked(b, empty) })
	for _, a := range answers {
		lines := fetchAnswer(a.items)
		text := strings.Join(lines, "")
		run := func(by string, f func(*testing.B)) {
			measure(b, "resp="+a.name+"/by="+by, len(text), f)
		}
		each := func(b *testing.B, parse func([]byte) error) {
			octets := make([][]byte, len(lines))
			for i := range lines {
				octets[i] = []byte(lines[i])
			}
			for b.Loop() {
				for _, line := range octets {
					if err := parse(line); err != nil {
						b.Fatal(err)
					}
				}
			}
		}
		run("match", func(b *testing.B) { each(b, matchResponse) })
		run("ours", func(b *testing.B) { each(b, parseResponse) })
		run("framed", func(b *testing.B) {
			data := []byte(text)
			for b.Loop() {
				for at := 0; at < len(data); {
					line, lits, n := wire.SplitResponse(data[at:])
					if _, err := parser.Response(line, lits); err != nil {
						b.Fatal(err)
					}
					at += n
				}
			}
		})
		run("go-imap", func(b *testing.B) { runGoIMAPClient(b, text) })
		run("go-imap-bare", func(b *testing.B) { runGoIMAPUnasked(b, text) })
		run("pigeon", func(b *testing.B) {
			each(b, func(line []byte) error { return peg.Check("response-line", line) })
		})
	}
}

func parseResponse(line []byte) error {
	_, err := parser.Response(line, nil)
	return err
}

func matchResponse(line []byte) error {
	if !parser.MatchResponse(line, nil) {
		return fmt.Errorf("no match")
	}
	return nil
}

// The three take the lines of the comparison, and go-imap hands all items on.
func TestEveryParserTakesTheResponses(t *testing.T) {
	for _, a := range answers {
		lines := fetchAnswer(a.items)
		for _, line := range lines[:3] {
			for _, err := range []error{parseResponse([]byte(line)), matchResponse([]byte(line)), peg.Check("response-line", []byte(line))} {
				if err != nil {
					t.Error(a.name, err)
				}
			}
		}
		c := newGoIMAPClient(strings.Join(lines, ""))
		if items, err := fetchAll(c); err != nil || items != 4*fetchLines {
			t.Error(a.name, "has in go-imap", items, "items", err)
		}
		if err := c.Close(); err != nil {
			t.Error(a.name, err)
		}
	}
}
