package transcript

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// parrot is a server that knows just enough IMAP for the runner's own tests.
type parrot struct{ requests []string }

func (p *parrot) Requests() ([]string, bool) {
	r := p.requests
	p.requests = nil
	return r, true
}

func (p *parrot) Dial(context.Context) (net.Conn, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer l.Close()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return nil, err
	}
	accepted, err := l.Accept() // before the listener closes: that would reset it
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	go p.serve(accepted)
	return conn, nil
}

func (p *parrot) serve(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	fmt.Fprint(c, "* OK hello\r\n")
	for {
		text, err := in.ReadString('\n')
		if err != nil {
			return
		}
		tag, command, _ := strings.Cut(strings.TrimSuffix(text, "\r\n"), " ")
		switch {
		case command == "IDLE":
			fmt.Fprint(c, "+ idling\r\n* 7 EXISTS\r\n")
			in.ReadString('\n')
		case strings.HasPrefix(command, "APPEND"):
			var n int
			plus := strings.HasSuffix(command, "+}")
			fmt.Sscanf(command[strings.IndexByte(command, '{'):], "{%d", &n)
			if !plus {
				fmt.Fprint(c, "+ go on\r\n")
			}
			data := make([]byte, n)
			io.ReadFull(in, data)
			in.ReadString('\n')
			fmt.Fprintf(c, "* BODY {%d}\r\n%s and more\r\n", n, data)
			p.requests = []string{"upload", "Email/import Email/changes"}
		case command == "UV":
			fmt.Fprint(c, "* OK [UIDVALIDITY 12345] x\r\n")
		case command == "BYE":
			return
		}
		fmt.Fprintf(c, "%s OK done\r\n", tag)
	}
}

const session = `Shows the runner itself.
-- INBOX/1.eml \Seen 2024-02-03T10:00:00Z --
Subject: x

body
-- note --
two
lines<00>
-- session --
S: * OK hello

# a comment
C: a NOOP
S: a OK done
C: b APPEND {@note}
S: * BODY {13}
S: two
S: lines<00>
S:  and more
S: b OK done
J: upload
J: Email/import Email/changes
C: c APPEND {@@note}
S: + go on
S: * BODY {13}
S: two
S: lines<00>
S:  and more
S: c OK done
J: upload
J: Email/import Email/changes
C: d APPEND {3}
S: + go on
C: abc
S: * BODY {3}
S: abc and more
S: d OK done
J: upload
J: Email/import Email/changes
C: e UV
S: * OK [UIDVALIDITY $uidvalidity1] x
S: e OK done
C2: f IDLE
S2: + idling
S2: * 7 EXISTS
C2: DONE
S2: f OK done
C: g UV
C: h NOOP
S: * OK [UIDVALIDITY $uidvalidity1] x
S: g OK done
S: h OK done
C: i BYE
S: [closed]
`

func TestCheck(t *testing.T) {
	f, err := Parse("x.txtar", []byte(session))
	require.NoError(t, err)
	require.NoError(t, f.Check(t.Context(), &parrot{}))
	require.Equal(t, session, string(f.format()))
	require.Equal(t, "Subject: x\r\n\r\nbody\r\n", string(f.Mail[0].Octets))
	require.Equal(t, []string{`\Seen`}, f.Mail[0].Keywords)
}

func TestCheckFindsDifferences(t *testing.T) {
	for _, change := range [][2]string{
		{"S: a OK done", "S: a OK other"},
		{"S: e OK done\n", ""},
		{"J: upload\n", ""},
		{"S: two", "S: three"},
		{"S: * OK hello", "S: * OK hi"},
	} {
		f, err := Parse("x.txtar", []byte(strings.Replace(session, change[0], change[1], 1)))
		require.NoError(t, err)
		var mismatch *Mismatch
		require.True(t, errors.As(f.Check(t.Context(), &parrot{}), &mismatch), "%q", change)
	}
}

func TestUpdateRestoresTheTranscript(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.txtar")
	stripped := ""
	for l := range strings.Lines(session) {
		if !strings.HasPrefix(l, "S: two") && !strings.HasPrefix(l, "J: Email") && !strings.HasPrefix(l, "S: * OK [UID") {
			stripped += l
		}
	}
	require.NoError(t, os.WriteFile(name, []byte(stripped), 0o600))
	f, err := Read(name)
	require.NoError(t, err)
	changed, err := f.Update(t.Context(), &parrot{})
	require.NoError(t, err)
	require.True(t, changed)
	got, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, session, string(got))
}

func TestParseNamesTheFault(t *testing.T) {
	for text, fault := range map[string]string{
		"-- a --\n":                           "no entry named session",
		"-- session --\nX: a\n":               "line 2",
		"-- a --\n1\n\n-- session --\nX: a\n": "line 5",
		"-- session --\nC0: a\n":              "not a connection",
		"-- options --\nmale: x\n":            "unknown option",
		"-- INBOX/1.eml 2024T99Z --\n\nx\n":   "parsing time",
	} {
		_, err := Parse("f", []byte(text))
		require.ErrorContains(t, err, fault)
	}
}

func FuzzEscape(f *testing.F) {
	f.Add([]byte("a<00>b\x00\xff<zz>"))
	f.Fuzz(func(t *testing.T, octets []byte) {
		require.Equal(t, string(octets), string(unescape(escape(octets))))
	})
}
