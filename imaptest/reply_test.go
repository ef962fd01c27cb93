package imaptest

import (
	"bufio"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadReply(t *testing.T) {
	in := bufio.NewReaderSize(strings.NewReader(strings.Join([]string{
		`* 1 FETCH (BODY[] {11}`, `a (b`, `"c` + "\x00 " + `~ X "q\"\\" UID 5)`,
		`a1 OK [X (1 2)] he said "no`,
		`+ go (on`,
		`* SEARCH`,
		`* LIST () NIL {3+}`, `a` + "\xffb",
		``,
	}, "\r\n")), 16)
	for _, want := range []string{
		"* 1 FETCH (BODY[] {11}\r\na (b\r\n\"c\x00 ~ X \"q\\\"\\\\\" UID 5)",
		`a1 OK [X (1 2) ] he said "no`,
		"+ go (on", "* SEARCH", "* LIST () NIL \"a\xffb\"",
	} {
		r, err := readReply(in, usualLimits)
		require.NoError(t, err)
		require.Equal(t, want, r.String())
	}
	_, err := readReply(in, usualLimits)
	require.Equal(t, io.EOF, err)
}

// endless is a server that never stops.
type endless struct {
	text string
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.text[e.at%len(e.text)]
		e.at++
	}
	return len(p), nil
}

func TestReplyFaults(t *testing.T) {
	for text, want := range map[string]string{
		"* (\r\n":                                "not closed",
		"* )\r\n":                                "not opened",
		"* \"a\r\n":                              "not closed",
		"* \"a\\\r\n":                            "not closed",
		"\r\n":                                   "empty",
		" x\r\n":                                 "begins with a blank",
		"* x":                                    "ends in a line",
		"* {5}\r\nabc":                           "in a literal: unexpected EOF",
		"* {99999999}\r\n":                       errReply.Error(),
		"* {9223372036854775807}\r\n":            errReply.Error(),
		"* " + strings.Repeat("(", 999) + "\r\n": errDepth.Error(),
		"* " + strings.Repeat("a ", maxArgs+1) + "\r\n": errArgs.Error(),
	} {
		_, err := readReply(bufio.NewReader(strings.NewReader(text)), usualLimits)
		require.ErrorContains(t, err, want, "%.50q", text)
		require.Less(t, len(err.Error()), 1000)
	}
	for text, want := range map[string]error{"x": errReplyText, "(": errReplyText, " {9999}\r\n": errReply} {
		_, err := readReply(bufio.NewReader(io.MultiReader(strings.NewReader("* "), &endless{text: text})), limits{text: 1000, all: 100_000})
		require.ErrorIs(t, err, want, text)
	}
}

func FuzzReply(f *testing.F) {
	for _, seed := range []string{
		"* 1 FETCH (FLAGS (\\Seen) BODY[] {3}\r\na\r\n)\r\n", "* OK [UIDNEXT 5] (text\r\n", "a OK done\r\n", "+ x\r\n",
		"* LIST () \"/\" \"a\\\"b\"\r\n", "* x ~{2+}\r\nab nil NIL {0}\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		r, err := readReply(bufio.NewReader(strings.NewReader(string(wire))), usualLimits)
		if err != nil || r.tag == "+" || len(r.args) > 0 && isStatus(r.args[0].text) {
			return
		}
		again, err := readReply(bufio.NewReader(strings.NewReader(r.String()+"\r\n")), usualLimits)
		require.NoError(t, err)
		require.Equal(t, r.String(), again.String())
		require.Equal(t, r.args, again.args)
	})
}
