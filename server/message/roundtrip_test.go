package message

import (
	"bytes"
	"strconv"
	"testing"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/imap/parser"
	"github.com/dragoman-mail/dragoman/jmap/mime"
	"github.com/stretchr/testify/require"
)

// frame takes the literals out of an encoded response, as the parser wants them.
func frame(t *testing.T, encoded []byte) (line []byte, literals []imap.Literal) {
	t.Helper()
	quoted := false
	for i := 0; i < len(encoded); i++ {
		c := encoded[i]
		line = append(line, c)
		switch {
		case quoted && c == '\\':
			i++
			line = append(line, encoded[i])
		case c == '"':
			quoted = !quoted
		case c == '{' && !quoted:
			end := i + bytes.IndexByte(encoded[i:], '}')
			size, err := strconv.Atoi(string(encoded[i+1 : end]))
			require.NoError(t, err)
			line = append(line, encoded[i+1:end+3]...)
			data := encoded[end+3 : end+3+size]
			literals = append(literals, imap.Literal{Size: int64(size), Data: data})
			i = end + 2 + size
		}
	}
	return line, literals
}

// throughGrammar encodes a FETCH response and parses it with the generated parser.
func throughGrammar(t *testing.T, utf8 bool, items ...imap.MsgAtt) []imap.MsgAtt {
	t.Helper()
	var out bytes.Buffer
	enc := imap.NewEncoder(&out)
	enc.UTF8 = utf8
	require.NoError(t, enc.Encode(&imap.FetchData{Seq: 1, Items: items}))
	require.NoError(t, enc.Flush())
	line, literals := frame(t, out.Bytes())
	parsed, err := parser.Response(line, literals)
	require.NoError(t, err, "%.500q", out.Bytes())
	return parsed.(*imap.FetchData).Items
}

// checkGrammar sends envelope and structures through encoder and parser, and expects
// the same to come back.
func checkGrammar(t *testing.T, m *mime.Message) {
	t.Helper()
	for _, utf8 := range []bool{false, true} {
		envelope, body := Envelope(m.Header(), utf8), BodyStructure(m.Root, true, utf8)
		items := throughGrammar(t, utf8, &imap.MsgEnvelope{Envelope: envelope}, &imap.MsgBodyStructure{Body: body})
		require.Equal(t, envelope, items[0].(*imap.MsgEnvelope).Envelope)
		require.Equal(t, body, items[1].(*imap.MsgBodyStructure).Body)
		throughGrammar(t, utf8, &imap.MsgBody{Body: BodyStructure(m.Root, false, utf8)})
	}
}

func TestCorpusThroughTheGrammar(t *testing.T) {
	for name, m := range corpus(t) {
		t.Run(name, func(t *testing.T) { checkGrammar(t, m) })
	}
}
