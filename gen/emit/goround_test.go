package emit_test

import (
	"bytes"
	"reflect"
	"regexp"
	"strconv"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/imap/parser"
)

var headAtEnd = regexp.MustCompile(`(~?)\{(\d+)(\+?)\}\r\n$`)

// split does what the framing layer does: it takes the octets of literals out of what
// an encoder has written.
func split(t require.TestingT, wire []byte) ([]byte, []imap.Literal) {
	var line []byte
	var lits []imap.Literal
	for len(wire) > 0 {
		k := bytes.Index(wire, []byte("\r\n"))
		require.GreaterOrEqual(t, k, 0, "no CRLF in %q", wire)
		line = append(line, wire[:k+2]...)
		wire = wire[k+2:]
		m := headAtEnd.FindSubmatch(line)
		if m == nil {
			require.Empty(t, wire, "more behind the line %q", line)
			break
		}
		n, err := strconv.Atoi(string(m[2]))
		require.NoError(t, err)
		require.LessOrEqual(t, n, len(wire), "literal cut short in %q", line)
		lits = append(lits, imap.Literal{Size: int64(n), Binary: len(m[1]) > 0, NonSync: len(m[3]) > 0, Data: wire[:n:n]})
		wire = wire[n:]
	}
	return line, lits
}

// goRound encodes a value, parses what was written and wants the value back.
func goRound(t require.TestingT, v any) {
	for _, utf8 := range []bool{false, true} {
		var out bytes.Buffer
		e := imap.NewEncoder(&out)
		e.UTF8, e.Features = utf8, imap.AllFeatures
		var back any
		var err error
		switch v := v.(type) {
		case imap.TaggedCommand:
			require.NoError(t, e.EncodeCommand(v.Tag, v.Command), "%#v", v)
			require.NoError(t, e.Flush())
			line, lits := split(t, out.Bytes())
			back, err = valueOf(parser.Command(line, lits, imap.AllFeatures))
			agreesWithPigeon(t, "command", string(line), false, err)
			v = normalCommand(v)
			require.NoError(t, err, "%q", line)
			require.Equal(t, v, normalCommand(back.(imap.TaggedCommand)), "%q", line)
		case imap.Response:
			require.NoError(t, e.Encode(v), "%#v", v)
			require.NoError(t, e.Flush())
			line, lits := split(t, out.Bytes())
			back, err = valueOf(parser.ResponseLenient(line, lits))
			agreesWithPigeon(t, "response-line", string(line), false, err)
			_, strict := parser.Response(line, lits)
			agreesWithPigeon(t, "response-line", string(line), true, strict)
			require.NoError(t, err, "%q", line)
			require.Equal(t, v, back, "%q", line)
		}
	}
}

// eachLiteral calls f for the literals in a value.
func eachLiteral(v reflect.Value, f func(*imap.Literal)) {
	if !v.CanInterface() {
		return
	}
	if lit, ok := v.Interface().(*imap.Literal); ok {
		f(lit)
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			if e := v.Elem(); e.Kind() == reflect.Struct && v.Kind() == reflect.Pointer {
				for i := range e.NumField() {
					eachLiteral(e.Field(i).Addr(), f)
				}
				return
			}
			eachLiteral(v.Elem(), f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachLiteral(v.Index(i).Addr(), f)
		}
	}
}

// normalCommand leaves out what two forms of one command differ in: how messages were announced.
func normalCommand(c imap.TaggedCommand) imap.TaggedCommand {
	eachLiteral(reflect.ValueOf(c.Command), func(lit *imap.Literal) { lit.NonSync = true })
	return c
}
