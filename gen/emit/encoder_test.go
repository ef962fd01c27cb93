package emit_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/imap/parser"
)

func encoded(t *testing.T, utf8 bool, r imap.Response) string {
	t.Helper()
	var out bytes.Buffer
	e := imap.NewEncoder(&out)
	e.Features = imap.AllFeatures
	e.UTF8 = utf8
	require.NoError(t, e.Encode(r))
	require.Equal(t, out.Len() == 0, e.Buffered() > 0)
	require.NoError(t, e.Flush())
	line, lits := split(t, out.Bytes())
	_, err := parser.Response(line, lits)
	require.NoError(t, err, "%q", out.String())
	return out.String()
}

// Each form, on the wire; each line passes the strict response parser.
func TestForms(t *testing.T) {
	day := time.Date(2024, 2, 1, 3, 4, 5, 0, time.FixedZone("", -5400))
	n := uint32(3)
	for want, r := range map[string]imap.Response{
		"* OK OK\r\n":                           &imap.Cond{},
		"a NO [TRYCREATE] no such\r\n":          &imap.Cond{Tag: "a", Status: imap.No, Code: imap.CodeTryCreate, Text: "no such"},
		"* BYE a b  c ?\r\n":                    &imap.Cond{Status: imap.Bye, Text: "a\rb\n\x00c é"},
		"* OK  [x] y\r\n":                       &imap.Cond{Text: "[x] y"},
		"* OK [ALERT] [x]\r\n":                  &imap.Cond{Code: imap.CodeAlert, Text: "[x]"},
		"+ \r\n":                                &imap.Continue{},
		"+ idling\r\n":                          &imap.Continue{Text: "idling"},
		"+ AGE=\r\n":                            &imap.Continue{Base64: []byte("\x00a")},
		"* LIST () NIL \"\"\r\n":                &imap.ListData{},
		"* LIST () \"\\\\\" \"NIL\"\r\n":        &imap.ListData{Delimiter: '\\', Mailbox: "NIL"},
		"* LIST () \"/\" INBOX\r\n":             &imap.ListData{Delimiter: '/', Mailbox: "inBox"},
		"* LIST () \"/\" {2}\r\né\r\n":          &imap.ListData{Delimiter: '/', Mailbox: "é"},
		"* LIST () \"/\" {4}\r\na\r\nb\r\n":     &imap.ListData{Delimiter: '/', Mailbox: "a\r\nb"},
		"* LIST () \"/\" \"ab\"\r\n":            &imap.ListData{Delimiter: '/', Mailbox: "a\x00b"},
		"* STATUS \"a \\\"b\" (MESSAGES 0)\r\n": &imap.StatusData{Mailbox: `a "b`, Values: []imap.StatusValue{{}}},
		"* 7 FETCH (INTERNALDATE \" 1-Feb-2024 03:04:05 -0130\")\r\n":                    &imap.FetchData{Seq: 7, Items: []imap.MsgAtt{&imap.MsgInternalDate{Date: day}}},
		"* 7 FETCH (BODY[1.MIME]<3> {2}\r\na\x80)\r\n":                                   section7(&imap.MsgSection{Section: imap.Section{Part: []uint32{1}, Text: imap.SectionMIME}, Origin: ptr(int64(3)), Data: &imap.Blob{Size: 2, Bytes: []byte("a\x00")}}),
		"* 7 FETCH (BINARY[2] ~{2}\r\na\x00)\r\n":                                        section7(&imap.MsgBinary{Part: []uint32{2}, Data: &imap.Blob{Size: 2, Bytes: []byte("a\x00")}}),
		"* 7 FETCH (BINARY[2] {1}\r\na)\r\n":                                             section7(&imap.MsgBinary{Part: []uint32{2}, Data: &imap.Blob{Size: 1, Bytes: []byte("a")}}),
		"* 7 FETCH (BODY[] NIL UID 3)\r\n":                                               section7(&imap.MsgSection{}, &imap.MsgUID{UID: 3}),
		"* 7 FETCH (BODY ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 0 0) \"mixed\"))\r\n": section7(&imap.MsgBody{Body: &imap.BodyMultipart{Subtype: "mixed"}}),
		"* ESEARCH (TAG \"a\") UID MIN 3 COUNT 3\r\n":                                    &imap.ESearchData{Tag: "a", UID: true, Min: &n, Count: &n},
		"* SEARCH\r\n": &imap.SearchData{},
		"* ID NIL\r\n": &imap.IDData{},
	} {
		require.Equal(t, want, encoded(t, false, r))
	}
	require.Equal(t, "* LIST () \"/\" \"é\"\r\n", encoded(t, true, &imap.ListData{Delimiter: '/', Mailbox: "é"}))
	require.Equal(t, "* LIST () \"/\" {1}\r\n\xff\r\n", encoded(t, true, &imap.ListData{Delimiter: '/', Mailbox: "\xff"}))
	require.Equal(t, "* OK é ?\r\n", encoded(t, true, &imap.Cond{Text: "é \xff"}))
}

func section7(items ...imap.MsgAtt) *imap.FetchData { return &imap.FetchData{Seq: 7, Items: items} }

func ptr[T any](v T) *T { return &v }

// What has no form is an error, and leaves no trace on the wire.
func TestRefused(t *testing.T) {
	for name, r := range map[string]imap.Response{
		"flag":          section7(&imap.MsgFlags{Flags: []string{"a b"}}),
		"injection":     section7(&imap.MsgFlags{Flags: []string{"a)\r\n* BYE"}}),
		"no items":      section7(),
		"seq 0":         &imap.ExpungeData{},
		"empty set":     &imap.ESearchData{All: &imap.SequenceSet{}},
		"tag":           &imap.Cond{Tag: "a b"},
		"tagged bye":    &imap.Cond{Tag: "a", Status: imap.Bye},
		"negative size": section7(&imap.MsgSize{Octets: -1}),
		"blob size":     section7(&imap.MsgSection{Data: &imap.Blob{Size: 3}}),
		"delimiter":     &imap.ListData{Delimiter: 0xff},
		"capability":    &imap.CapabilityData{Capabilities: []string{""}},
		"no envelope":   section7(&imap.MsgEnvelope{}),
		"no body":       section7(&imap.MsgBody{}),
		"code":          &imap.Cond{Code: &imap.CodeOther{Name: "A", Text: "]"}},
		"other item":    &imap.ListData{Extended: []imap.ListExtendedItem{&imap.ListOtherItem{Tag: "x", Value: "y"}}},
		"year":          section7(&imap.MsgInternalDate{Date: time.Date(12024, 1, 1, 0, 0, 0, 0, time.UTC)}),
		"unknown":       nil,
	} {
		var out bytes.Buffer
		e := imap.NewEncoder(&out)
		e.Features = imap.AllFeatures
		require.NoError(t, e.Encode(&imap.ExistsData{Count: 1}))
		require.Error(t, e.Encode(r), name)
		require.NoError(t, e.Encode(&imap.ExistsData{Count: 2}), name)
		require.NoError(t, e.Flush())
		require.Equal(t, "* 1 EXISTS\r\n* 2 EXISTS\r\n", out.String(), name)
	}
	e := imap.NewEncoder(io.Discard)
	require.ErrorContains(t, e.EncodeCommand("a", &imap.Login{User: "a\x00"}), "NUL")
	require.Error(t, e.EncodeCommand("a", &imap.Append{Mailbox: "x", Messages: []imap.AppendMessage{{
		Data: &imap.AppendLiteral{Message: imap.Literal{Size: 3, Streamed: true}},
	}}}))
	require.Error(t, e.EncodeCommand("a+", &imap.Noop{}))
}

func TestStreaming(t *testing.T) {
	body := strings.Repeat("0123456789\x00", 9000)
	var out bytes.Buffer
	e := imap.NewEncoder(&out)
	e.Features = imap.AllFeatures
	r := func(data io.Reader) imap.Response {
		return section7(&imap.MsgSection{Data: &imap.Blob{Size: int64(len(body)), Reader: data}}, &imap.MsgUID{UID: 3})
	}
	require.NoError(t, e.Encode(r(iotest.HalfReader(strings.NewReader(body+"more")))))
	require.NoError(t, e.Flush())
	want := strings.ReplaceAll(body, "\x00", "\x80")
	require.Equal(t, "* 7 FETCH (BODY[] {99000}\r\n"+want+" UID 3)\r\n", out.String())

	require.ErrorIs(t, e.Encode(r(strings.NewReader("short"))), imap.ErrBlobShort)
	require.ErrorIs(t, e.Encode(&imap.ExistsData{}), imap.ErrBlobShort, "the line is cut: nothing may follow")

	broken := errors.New("disk")
	e = imap.NewEncoder(&out)
	require.ErrorIs(t, e.Encode(r(iotest.ErrReader(broken))), broken)
	e = imap.NewEncoder(failingWriter{})
	require.ErrorIs(t, e.Encode(r(strings.NewReader(body))), io.ErrClosedPipe)
	require.ErrorIs(t, e.Flush(), io.ErrClosedPipe)
}

// An item that has no form behind data that has gone out leaves a broken line: that
// error stays.
func TestRefusedBehindStreamedData(t *testing.T) {
	var out bytes.Buffer
	e := imap.NewEncoder(&out)
	e.Features = imap.AllFeatures
	r := section7(&imap.MsgSection{Data: &imap.Blob{Size: 3, Reader: strings.NewReader("abc")}}, &imap.MsgUID{})
	require.Error(t, e.Encode(r))
	require.Error(t, e.Encode(&imap.ExistsData{}))
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// The buffer stays bounded without Flush.
func TestEncodeFlushesItself(t *testing.T) {
	var out bytes.Buffer
	e := imap.NewEncoder(&out)
	e.Features = imap.AllFeatures
	for range 20000 {
		require.NoError(t, e.Encode(&imap.ExistsData{Count: 123456}))
		require.Less(t, e.Buffered(), 65<<10)
	}
	require.NotZero(t, out.Len())
}
