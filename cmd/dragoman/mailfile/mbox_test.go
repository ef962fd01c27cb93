package mailfile

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
)

const separator = "From ann@example.org Sat Jan  3 01:05:34 1996\n"

// split returns the octets of each message of an mbox file.
func split(t *testing.T, file string, quoting Quoting) []string {
	t.Helper()
	var found []string
	messages := NewMbox(strings.NewReader(file))
	for {
		entry, err := messages.Next()
		if err == io.EOF {
			return found
		}
		require.NoError(t, err)
		content, err := io.ReadAll(Unquote(strings.NewReader(file[entry.Start:entry.End]), quoting))
		require.NoError(t, err)
		found = append(found, string(content))
	}
}

func TestMbox(t *testing.T) {
	for name, test := range map[string]struct {
		file string
		want []string
	}{
		"empty":                 {"", nil},
		"only blank":            {"\n\r\n\n", nil},
		"one":                   {separator + "A: b\n\nbody\n\n", []string{"A: b\n\nbody\n"}},
		"no last line end":      {separator + "A: b\n\nbody", []string{"A: b\n\nbody"}},
		"no framing line":       {separator + "A: b\n\nbody\n" + separator + "C: d\n\n", []string{"A: b\n\nbody\n", "C: d\n\n"}},
		"header only":           {separator + "A: b\n\n\n" + separator + "C: d\n", []string{"A: b\n\n", "C: d\n"}},
		"empty message":         {separator + separator + "C: d\n", []string{"", "C: d\n"}},
		"blank lines stay":      {separator + "A: b\n\n\n\n\n" + separator, []string{"A: b\n\n\n\n", ""}},
		"CR LF":                 {strings.ReplaceAll(separator+"A: b\n\n>From x\nbody\n\n"+separator+"C: d\n\n\n", "\n", "\r\n"), []string{"A: b\r\n\r\nFrom x\r\nbody\r\n", "C: d\r\n\r\n"}},
		"octets":                {separator + "S: \xff\x00\n\nbare\rCR\x00\xfe\n\n", []string{"S: \xff\x00\n\nbare\rCR\x00\xfe\n"}},
		"no date, no separator": {separator + "A: b\n\nx\n\nFrom here on\n", []string{"A: b\n\nx\n\nFrom here on\n"}},
		"files without dates":   {"From ann\nA: b\n\nx\nFrom here\n\nFrom bob\nC: d\n", []string{"A: b\n\nx\nFrom here\n", "C: d\n"}},
		"quoted":                {separator + "A: b\n\n>From x\n>>From y\n> From z\n>Fromage\n", []string{"A: b\n\nFrom x\n>From y\n> From z\n>Fromage\n"}},
		"long lines": {separator + "A: b\n\n" + strings.Repeat("x", 300_000) + "\n" + strings.Repeat(">", 200_000) + "From x\n\n" + separator + "C: d\n",
			[]string{"A: b\n\n" + strings.Repeat("x", 300_000) + "\n" + strings.Repeat(">", 200_000) + "From x\n", "C: d\n"}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, split(t, test.file, MboxRD)) })
	}
	require.Equal(t, []string{"A: b\n\nFrom x\n>>From y\n"}, split(t, separator+"A: b\n\n>From x\n>>From y\n", MboxO))
	_, err := NewMbox(strings.NewReader("Subject: x\n\n" + separator)).Next()
	require.ErrorIs(t, err, ErrNotMbox)
	_, err = NewMbox(iotest.ErrReader(io.ErrClosedPipe)).Next()
	require.ErrorIs(t, err, io.ErrClosedPipe)
}

func TestParseFromLine(t *testing.T) {
	for line, want := range map[string]string{
		"From ann@example.org Sat Jan  3 01:05:34 1996\n":            "1996-01-03T01:05:34Z",
		"From - Tue Apr 01 9:07:00 2025\r\n":                         "2025-04-01T09:07:00Z",
		"From 123@xxx Mon Jan 01 23:00:00 +0130 2020\n":              "2020-01-01T21:30:00Z",
		"From ann Fri Jul  8 12:08:34 EDT 2011\n":                    "2011-07-08T12:08:34Z",
		"From ann Fri Jul  8 12:08:34 2011 -0400\n":                  "2011-07-08T16:08:34Z",
		"From ann Fri Jul  8 12:08 2011 remote from example\n":       "2011-07-08T12:08:00Z",
		"From MAILER-DAEMON Thu Jan  1 00:00:00 1970":                "1970-01-01T00:00:00Z",
		"From ann Fri Jul 38 12:08:34 2011\n":                        "",
		"From here to Jan 3\n":                                       "",
		"from ann@example.org Sat Jan  3 01:05:34 1996\n":            "",
		"From Januaries 3 01:05:34 1996 that was no month of a date": "",
	} {
		date, ok := parseFromLine([]byte(line))
		require.Equal(t, want != "", ok, line)
		if ok {
			require.Equal(t, want, date.Format(time.RFC3339), line)
		}
	}
}

// quote writes a message as mboxrd.
func quote(message string) string {
	var out strings.Builder
	for line := range strings.Lines(message) {
		if strings.HasPrefix(strings.TrimLeft(line, ">"), "From ") {
			out.WriteByte('>')
		}
		out.WriteString(line)
	}
	return out.String()
}

func FuzzMbox(f *testing.F) {
	f.Add(separator+"A: b\n\n>From x\n\n"+separator, "A: b\n\nFrom here\n>>From there\n\n\n")
	f.Add("From x\r\n\r\n\r\nFrom y\r\n", "\x00\xff\r\n\r")
	f.Fuzz(func(t *testing.T, file, message string) {
		whole, cut := NewMbox(strings.NewReader(file)), NewMbox(iotest.OneByteReader(strings.NewReader(file)))
		var end int64
		for {
			entry, err := whole.Next()
			again, errAgain := cut.Next()
			require.Equal(t, err, errAgain)
			require.Equal(t, entry, again)
			if err != nil {
				break
			}
			require.GreaterOrEqual(t, entry.Start, end)
			require.GreaterOrEqual(t, entry.End, entry.Start)
			require.LessOrEqual(t, entry.End, int64(len(file)))
			end = entry.End
		}
		// What is written as mboxrd comes back octet by octet.
		if header, _, ok := strings.Cut(message, "\n\n"); !ok || header == "" || strings.HasPrefix(message, "\r\n") || strings.Contains(header, "\n\r\n") {
			message = "A: b\n\n" + message
		}
		message += "\n"
		quoted := separator + quote(message) + "\n"
		require.Equal(t, []string{message, message}, split(t, quoted+quoted, MboxRD))
	})
}

func TestCRLF(t *testing.T) {
	octets := make([]byte, 20_000)
	for i := range octets {
		octets[i] = "\r\n\x00x"[rand.IntN(4)]
	}
	for _, text := range []string{"", "\n", "a\nb\r\nc\rd\n\n", string(octets)} {
		got, err := io.ReadAll(CRLF(iotest.HalfReader(strings.NewReader(text))))
		require.NoError(t, err)
		want := bytes.ReplaceAll(bytes.ReplaceAll([]byte(text), []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
		require.Equal(t, string(want), string(got))
	}
}
