package compose

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/dragoman-mail/dragoman/jmap/mime"
	"github.com/stretchr/testify/require"
)

func written(t *testing.T, m *Message) *mime.Message {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, Write(&b, m))
	for line := range strings.SplitSeq(b.String(), "\r\n") {
		require.NotContains(t, line, "\n")
		require.LessOrEqual(t, len(line), 998)
	}
	return mime.Parse(b.Bytes())
}

func must(f Field, err error) Field {
	if err != nil {
		panic(err)
	}
	return f
}

func blob(octets string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(octets)), nil }
}

func TestWriteMakesDateAndMessageID(t *testing.T) {
	now := time.Date(2026, 11, 23, 4, 46, 1, 0, time.FixedZone("", 3600))
	m := written(t, &Message{Body: Assemble(nil, nil, nil), Date: now, Domain: "x.example"})
	f, _ := m.Header().First("Date")
	require.Equal(t, " Mon, 23 Nov 2026 04:46:01 +0100", string(f.Raw))
	f, _ = m.Header().First("Message-ID")
	require.Regexp(t, `^ <[0-9a-f]{32}@x\.example>$`, string(f.Raw))
	_, ok := m.Header().First("MIME-Version")
	require.True(t, ok)
	require.Equal(t, "text/plain", m.Root.MediaType())
	m = written(t, &Message{Header: []Field{must(MessageIDs("message-id", []string{"a@b"}))}, Body: &Part{}})
	require.Len(t, m.Header().All("Message-ID"), 1)
}

func TestWriteFullMessage(t *testing.T) {
	m := written(t, &Message{
		Header: []Field{
			must(Addresses("from", []Address{{"Jørn Bø", "j@x.example"}})),
			must(Addresses("sender", []Address{{strings.Repeat("Жёлтый дом ", 100), "j@x.example"}})),
			must(GroupedAddresses("to", []Group{{Name: "The, Team", Named: true, Addresses: []Address{{"", "a@b"}, {"C D", "c@d"}}},
				{Addresses: []Address{{"", "e@f"}}}, {Name: "None", Named: true}})),
			must(Text("subject", "Grüße aus Köln, "+strings.Repeat("und noch mehr, ", 20))),
			must(URLs("List-Unsubscribe", []string{"mailto:u@x", "https://x/u"})),
			must(Raw("X-Raw", "as\n it is")),
		},
		Body: Assemble(
			&Part{Type: "text/plain", Text: "Schöne Grüße\nzweite Zeile"},
			&Part{Type: "text/html", Text: "<p>plain ascii</p>"},
			[]*Part{
				{Type: "image/png", ID: "pic@x", Disposition: "inline", Open: blob("\x89PNG\r\n\x00")},
				{Type: "application/pdf", FileName: "Übersicht für 2026.pdf", Open: blob(strings.Repeat("%PDF", 100))},
				{Type: "message/rfc822", Open: blob("Subject: in\r\n\r\nx\r\n")},
			}),
	})
	f, _ := m.Header().First("From")
	require.Equal(t, "Jørn Bø", mime.ParseMailboxes(f.Raw)[0].DisplayName())
	f, _ = m.Header().First("Sender")
	require.Equal(t, strings.Repeat("Жёлтый дом ", 100), mime.ParseMailboxes(f.Raw)[0].DisplayName()+" ")
	f, _ = m.Header().First("To")
	groups := mime.ParseGroups(f.Raw)
	require.Len(t, groups, 3)
	require.Equal(t, "The, Team", groups[0].Name)
	require.Equal(t, "c@d", groups[0].Addresses[1].Email())
	require.Equal(t, "e@f", groups[1].Addresses[0].Email())
	require.Empty(t, groups[2].Addresses)
	f, _ = m.Header().First("Subject")
	require.True(t, strings.HasPrefix(mime.Text(f.Raw), "Grüße aus Köln, und noch"))
	f, _ = m.Header().First("List-Unsubscribe")
	require.Equal(t, []string{"mailto:u@x", "https://x/u"}, mime.ParseURLs(f.Raw))
	f, _ = m.Header().First("X-Raw")
	require.Equal(t, "as\r\n it is", string(f.Raw))

	var types []string
	m.Root.Walk(true, func(p *mime.Part) { types = append(types, p.Section()+" "+p.MediaType()+" "+p.Encoding) })
	require.Equal(t, []string{
		" multipart/mixed 7bit", "1 multipart/alternative 7bit", "1.1 text/plain quoted-printable",
		"1.2 multipart/related 7bit", "1.2.1 text/html 7bit", "1.2.2 image/png base64",
		"2 application/pdf base64", "3 message/rfc822 7bit", "3.1 text/plain 7bit",
	}, types)
	mixed := m.Root.Children
	require.Equal(t, "Schöne Grüße\nzweite Zeile", mixed[0].Children[0].Text(0).Value)
	require.Equal(t, "utf-8", mixed[0].Children[0].Charset())
	require.Equal(t, "us-ascii", mixed[0].Children[1].Children[0].Charset())
	image := mixed[0].Children[1].Children[1]
	octets, _ := io.ReadAll(image.Content())
	require.Equal(t, "\x89PNG\r\n\x00", string(octets))
	require.Equal(t, "pic@x", image.ContentID())
	require.Equal(t, "Übersicht für 2026.pdf", mixed[1].FileName())
	require.True(t, m.Views().HasAttachment())
}

func TestTransferEncodings(t *testing.T) {
	cases := []struct{ typ, in, want string }{
		{"text/plain", "short\r\n", "7bit"},
		{"text/plain", strings.Repeat("x", 1000), "quoted-printable"},
		{"text/plain", "caf\u00e9 and more", "quoted-printable"},
		{"text/plain", "日本語", "base64"},
		{"text/plain", "bare\nlf", "base64"},
		{"text/plain", "nul\x00", "base64"},
		{"message/rfc822", "A: b\r\n\r\nx", "7bit"},
		{"message/rfc822", "A: é\r\n\r\nx", "8bit"},
		{"message/rfc822", "A: b\n\nx", "binary"},
		{"message/delivery-status", "Action: failed\r\n", "7bit"},
		{"image/png", "x", "base64"},
	}
	for _, c := range cases {
		var b bytes.Buffer
		require.NoError(t, Write(&b, &Message{Body: &Part{Type: c.typ, Open: blob(c.in)}}))
		m := mime.Parse(b.Bytes())
		require.Equal(t, c.want, m.Root.Encoding, c.in)
		got, err := io.ReadAll(m.Root.Content())
		require.NoError(t, err)
		require.Equal(t, c.in, string(got))
	}
}

func TestEncodingOfMultipartHoldsForItsParts(t *testing.T) {
	for in, want := range map[string]string{"A: b\r\n\r\nx": "7bit", "A: é\r\n\r\nx": "8bit", "A: é\n\nx": "binary"} {
		inner := &Part{Type: "multipart/digest", Parts: []*Part{{Type: "message/rfc822", Open: blob(in)}, {Type: "text/plain"}}}
		var b bytes.Buffer
		require.NoError(t, Write(&b, &Message{Body: &Part{Type: "multipart/mixed", Parts: []*Part{inner, {Type: "image/png"}}}}))
		m := mime.Parse(b.Bytes())
		require.Equal(t, []string{want, want}, []string{m.Root.Encoding, m.Root.Children[0].Encoding}, in)
	}
}

func TestNothingCanLeaveItsField(t *testing.T) {
	for _, bad := range []string{"x\r\nBcc: y", "x\ny", "x\n \n y", "x\n", "a\rb", "a\x00"} {
		_, err := Raw("X", bad)
		require.ErrorIs(t, err, ErrField, bad)
	}
	for _, name := range []string{"", "a b", "a:b", "a\nb", "é"} {
		_, err := Raw(name, "x")
		require.ErrorIs(t, err, ErrField, name)
	}
	const evil = "x\r\nBcc: y@z\r\n\r\nbody"
	m := written(t, &Message{
		Header: []Field{
			must(Text("Subject", evil)), must(Addresses("From", []Address{{evil, evil}})),
			must(MessageIDs("Message-ID", []string{evil})), must(URLs("List-Post", []string{evil})),
		},
		Body: &Part{Disposition: evil, FileName: evil, ID: evil, Location: evil, Languages: []string{evil},
			Params: []mime.Param{{Name: "x", Value: evil}}},
	})
	require.Empty(t, m.Header().All("Bcc"))
	require.Empty(t, m.Root.Octets())
	for _, p := range []*Part{{Type: evil}, {Type: "text"}, {Type: "multipart/mixed"}, {Params: []mime.Param{{Name: evil}}}} {
		require.ErrorIs(t, Write(io.Discard, &Message{Body: p}), ErrField)
	}
}

func TestPartHeaderTakesPrecedence(t *testing.T) {
	m := written(t, &Message{Body: &Part{Type: "text/plain", Text: "x", Header: []Field{
		must(Raw("Content-Type", " text/x-special; a=b")), must(Raw("Content-Transfer-Encoding", " base64")),
	}}})
	require.Equal(t, "text/x-special", m.Root.MediaType())
	require.Equal(t, "7bit", m.Root.Encoding)
	require.Len(t, m.Header().All("Content-Type"), 1)
}

func TestAssemble(t *testing.T) {
	text, html, file := &Part{Type: "text/plain"}, &Part{Type: "text/html"}, &Part{Type: "a/b"}
	require.Equal(t, text, Assemble(text, nil, nil))
	require.Equal(t, html, Assemble(nil, html, nil))
	require.Equal(t, file, Assemble(nil, nil, []*Part{file}))
	require.Equal(t, "multipart/mixed", Assemble(text, nil, []*Part{file}).Type)
	require.Equal(t, "multipart/mixed", Assemble(nil, nil, []*Part{file, file}).Type)
	require.Equal(t, "multipart/alternative", Assemble(text, html, nil).Type)
}

func TestErrorsOfContentAreReported(t *testing.T) {
	broken := errors.New("gone")
	open := func() (io.ReadCloser, error) { return nil, broken }
	require.ErrorIs(t, Write(io.Discard, &Message{Body: &Part{Open: open}}), broken)
}
