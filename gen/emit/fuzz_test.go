package emit_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/imap/parser"
)

// FuzzCommand parses any line, and what parses has to go round.
func FuzzCommand(f *testing.F) {
	for _, e := range examples(f) {
		if e.entry == "command" {
			f.Add([]byte(e.text))
		}
	}
	for _, make := range hostileLines {
		f.Add([]byte(make(60)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		line, lits := withLiterals(string(data))
		c, err := parser.Command([]byte(line), lits, imap.AllFeatures)
		parser.AppendStart([]byte(line), lits, imap.AllFeatures)
		if err == nil && encodable(c) {
			goRound(t, c)
		}
	})
}

// encodable reports whether a command can be said in 7 bits without a literal that NUL
// forbids: a SASL response may hold any octet, the rest has no NUL.
func encodable(c imap.TaggedCommand) bool {
	var out bytes.Buffer
	e := imap.NewEncoder(&out)
	e.Features = imap.AllFeatures
	return e.EncodeCommand(c.Tag, c.Command) == nil
}

// FuzzFilterValue parses any value of a filter, and wants what it stands for back.
func FuzzFilterValue(f *testing.F) {
	for _, seed := range []string{"SEEN", "OR FROM x NOT SUBJECT \"y z\"", "(ALL 1:*,$) UID 3", "FILTER on-the-road", "MODSEQ \"/flags/\\\\draft\" all 620162338"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		keys, err := parser.FilterValue(data, nil, imap.AllFeatures)
		if err != nil {
			return
		}
		value, err := imap.FilterValue(keys, imap.AllFeatures)
		if err != nil {
			return // 8-bit octets that are no UTF-8 cannot be quoted, and 4096 octets are too many
		}
		back, err := parser.FilterValue(value, nil, imap.AllFeatures)
		require.NoError(t, err, "%q", value)
		require.Equal(t, keys, back, "%q", value)
	})
}

// FuzzResponse parses any response line, strictly and not.
func FuzzResponse(f *testing.F) {
	for _, e := range examples(f) {
		if e.entry == "response-line" {
			f.Add([]byte(e.text))
		}
	}
	for _, make := range hostileLines {
		f.Add([]byte(make(60)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		line, lits := withLiterals(string(data))
		_, strict := parser.Response([]byte(line), lits)
		r, lenient := parser.ResponseLenient([]byte(line), lits)
		if strict == nil && lenient != nil {
			t.Errorf("strict takes %q, lenient does not: %v", line, lenient)
		}
		if lenient == nil {
			settles(t, r)
		}
	})
}

// settles wants the encoded form of a response to be parsed, and then to be encoded as
// the same octets. What has no form is left out.
func settles(t *testing.T, r imap.Response) {
	var once, twice bytes.Buffer
	e := imap.NewEncoder(&once)
	e.Features = imap.AllFeatures
	if e.Encode(r) != nil {
		return
	}
	require.NoError(t, e.Flush())
	line, lits := split(t, once.Bytes())
	back, err := parser.ResponseLenient(line, lits)
	require.NoError(t, err, "%q", line)
	e = imap.NewEncoder(&twice)
	e.Features = imap.AllFeatures
	require.NoError(t, e.Encode(back), "%q", line)
	require.NoError(t, e.Flush())
	require.Equal(t, once.String(), twice.String())
}

// FuzzAuthContinue parses any line of a SASL exchange.
func FuzzAuthContinue(f *testing.F) {
	f.Add([]byte("AGEAYg==\r\n"))
	f.Add([]byte("*\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		resp, cancel, err := parser.AuthContinue(data)
		if err == nil && !cancel && resp == nil {
			t.Errorf("%q gives nothing", data)
		}
	})
}
