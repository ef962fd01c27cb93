package message

import (
	"strings"
	"testing"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
	"github.com/stretchr/testify/require"
)

func TestBodyStructureOfInlineImage(t *testing.T) {
	m := corpus(t)["inline-image"]
	image := m.Root.Children[1]
	got := BodyStructure(m.Root, true, false).(*imap.BodyMultipart)
	require.Equal(t, "RELATED", got.Subtype)
	require.Equal(t, []imap.BodyParam{{Name: "TYPE", Value: "multipart/alternative"}, {Name: "BOUNDARY", Value: "rel77"}}, got.Ext.Params)
	require.Equal(t, &imap.BodyBasic{
		Type: "IMAGE", Subtype: "PNG",
		Fields: imap.BodyFields{
			Params:   []imap.BodyParam{{Name: "NAME", Value: "sunset.png"}},
			ID:       imap.String("<sunset@pier.example>"),
			Encoding: "BASE64",
			Octets:   int64(image.Body.Len()),
		},
		Ext: &imap.BodyExt{
			Disposition: &imap.BodyDisposition{Type: "INLINE", Params: []imap.BodyParam{{Name: "FILENAME", Value: "sunset.png"}}},
			Language:    []string{"en"},
			Location:    imap.String("sunset.png"),
		},
	}, got.Parts[1])
	inner := got.Parts[0].(*imap.BodyMultipart)
	require.Equal(t, &imap.BodyText{
		Subtype: "PLAIN",
		Fields: imap.BodyFields{
			Params:   []imap.BodyParam{{Name: "CHARSET", Value: "utf-8"}, {Name: "FORMAT", Value: "flowed"}},
			Encoding: "8BIT", Octets: 32,
		},
		Lines: 1,
		Ext:   &imap.BodyExt{},
	}, inner.Parts[0])

	plain := BodyStructure(m.Root, false, false).(*imap.BodyMultipart)
	require.Nil(t, plain.Ext)
	require.Nil(t, plain.Parts[1].(*imap.BodyBasic).Ext)
}

func TestBodyStructureOfForwardedMessage(t *testing.T) {
	m := corpus(t)["forwarded"]
	inner := BodyStructure(m.Root, true, false).(*imap.BodyMultipart).Parts[1].(*imap.BodyMessage)
	require.Equal(t, "RFC822", inner.Subtype)
	require.Equal(t, imap.String("Paper samples"), inner.Envelope.Subject)
	require.Equal(t, int64(m.Root.Children[1].Lines()), inner.Lines)
	require.Len(t, inner.Body.(*imap.BodyMultipart).Parts, 3)
	require.Equal(t, "INLINE", inner.Ext.Disposition.Type)
}

func TestBodyStructureOfBrokenMail(t *testing.T) {
	parts := BodyStructure(corpus(t)["broken"].Root, true, false).(*imap.BodyMultipart).Parts
	require.Len(t, parts, 5)
	require.Equal(t, "PLAIN", parts[0].(*imap.BodyText).Subtype)
	driftwood := parts[1].(*imap.BodyBasic)
	require.Equal(t, "X-KNOTS", driftwood.Fields.Encoding)
	require.Equal(t, []imap.BodyParam{{Name: "NAME", Value: "drift wood.bin"}}, driftwood.Fields.Params)
	require.Equal(t, "ATTACHMENT", driftwood.Ext.Disposition.Type)
	require.Len(t, parts[3].(*imap.BodyMultipart).Parts, 1)
}

func TestBodyStructureDefaults(t *testing.T) {
	b := BodyStructure(mime.Parse([]byte("Subject: x\n\nhi\n")).Root, true, false).(*imap.BodyText)
	require.Equal(t, []imap.BodyParam{{Name: "CHARSET", Value: "US-ASCII"}}, b.Fields.Params)
	encoded := mime.Parse([]byte("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQQ==\n"))
	basic := BodyStructure(encoded.Root, true, false).(*imap.BodyBasic)
	require.Equal(t, "APPLICATION", basic.Type)
	require.Equal(t, "OCTET-STREAM", basic.Subtype)
}

// Only clients of RFC 9051 know that message/global has an envelope; those of RFC 3501 could not read on.
func TestBodyStructureOfGlobalMessage(t *testing.T) {
	m := mime.Parse([]byte("Content-Type: message/global\n\nSubject: Blåbær\n\nhi\n"))
	require.Equal(t, "Blåbær", BodyStructure(m.Root, true, true).(*imap.BodyMessage).Envelope.Subject.Value)
	basic := BodyStructure(m.Root, true, false).(*imap.BodyBasic)
	require.Equal(t, "MESSAGE/GLOBAL", basic.Type+"/"+basic.Subtype)
	require.EqualValues(t, m.Root.Body.Len(), basic.Fields.Octets)
	require.NotNil(t, basic.Ext)
}

// Where the header says nothing that can be used, the part has the default type with its charset (RFC 2045 section 5.2), and no
// disposition.
func TestBodyStructureOfEmptyFields(t *testing.T) {
	for _, header := range []string{"Content-Type:", "Content-Type: (nothing)", "Content-Type: multipart/mixed", "Content-Disposition: "} {
		b := BodyStructure(mime.Parse([]byte(header+"\n\nhi\n")).Root, true, false).(*imap.BodyText)
		require.Equal(t, []imap.BodyParam{{Name: "CHARSET", Value: "US-ASCII"}}, b.Fields.Params, header)
		require.Nil(t, b.Ext.Disposition, header)
	}
}

func TestBodyStructureIn7Bit(t *testing.T) {
	m := mime.Parse([]byte("Content-Type: a/b; name=\"é.txt\"\nContent-Description: ü\n\n"))
	b := BodyStructure(m.Root, true, false).(*imap.BodyBasic)
	require.Equal(t, "=?utf-8?q?=C3=A9=2Etxt?=", b.Fields.Params[0].Value)
	require.Equal(t, "=?utf-8?b?w7w=?=", b.Fields.Description.Value)
	b = BodyStructure(m.Root, true, true).(*imap.BodyBasic)
	require.Equal(t, "é.txt", b.Fields.Params[0].Value)
}

// checkBody holds a structure to what IMAP's grammar asks.
func checkBody(t *testing.T, b imap.Body, utf8 bool) {
	t.Helper()
	switch b := b.(type) {
	case *imap.BodyMultipart:
		require.NotEmpty(t, b.Parts)
		require.NotEmpty(t, b.Subtype)
		checkParams(t, b.Ext.Params, utf8)
		for _, p := range b.Parts {
			checkBody(t, p, utf8)
		}
	case *imap.BodyBasic:
		require.NotEmpty(t, b.Type)
		require.False(t, b.Type == "MESSAGE" && (b.Subtype == "RFC822" || b.Subtype == "GLOBAL" && utf8))
		require.NotEqual(t, "TEXT", b.Type)
		require.NotEqual(t, "MULTIPART", b.Type)
		checkStrings(t, utf8, b.Type, b.Subtype)
		checkFields(t, b.Subtype, b.Fields, utf8)
	case *imap.BodyText:
		checkFields(t, b.Subtype, b.Fields, utf8)
	case *imap.BodyMessage:
		checkFields(t, b.Subtype, b.Fields, utf8)
		checkEnvelope(t, b.Envelope, utf8)
		checkBody(t, b.Body, utf8)
	default:
		t.Fatalf("no body: %T", b)
	}
}

func checkFields(t *testing.T, subtype string, f imap.BodyFields, utf8 bool) {
	t.Helper()
	require.NotEmpty(t, subtype)
	require.NotEmpty(t, f.Encoding)
	checkStrings(t, utf8, subtype, f.Encoding, f.ID.Value, f.Description.Value)
	checkParams(t, f.Params, utf8)
}

func checkParams(t *testing.T, list []imap.BodyParam, utf8 bool) {
	t.Helper()
	for _, p := range list {
		require.NotEmpty(t, p.Name)
		checkStrings(t, utf8, p.Name, p.Value)
	}
}

func TestStructuresFitTheGrammar(t *testing.T) {
	for _, m := range corpus(t) {
		for _, utf8 := range []bool{false, true} {
			checkEnvelope(t, Envelope(m.Header(), utf8), utf8)
			checkBody(t, BodyStructure(m.Root, true, utf8), utf8)
		}
	}
}

func FuzzStructure(f *testing.F) {
	for _, m := range corpus(f) {
		if len(m.Octets) < 3000 {
			f.Add(m.Octets)
		}
	}
	f.Add([]byte("Content-Type: \x00/\xff; \"a\"=b\nContent-ID: \x00\r\n \r\n\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		m := mime.Parse(in)
		for _, utf8 := range []bool{false, true} {
			checkEnvelope(t, Envelope(m.Header(), utf8), utf8)
			checkBody(t, BodyStructure(m.Root, true, utf8), utf8)
		}
		checkGrammar(t, m)
		m.Root.Walk(true, func(p *mime.Part) {
			path := pathOf(p.Section())
			octets, found := Section(m, imap.Section{Part: path})
			if len(path) == 0 {
				require.Equal(t, string(in), string(octets))
				return
			}
			require.True(t, found)
			if !p.IsMultipart() || p.Parent.Message != p {
				require.Equal(t, string(p.Octets()), string(octets))
			}
			_, _ = Binary(m, path, nil)
		})
	})
}

// pathOf reads a part number such as "1.2".
func pathOf(section string) []uint32 {
	var path []uint32
	for _, n := range strings.FieldsFunc(section, func(r rune) bool { return r == '.' }) {
		var v uint32
		for _, c := range n {
			v = v*10 + uint32(c-'0')
		}
		path = append(path, v)
	}
	return path
}

func TestBodyStructureJoinsContinuations(t *testing.T) {
	body := BodyStructure(corpus(t)["parameters"].Root, true, false).(*imap.BodyMultipart)
	require.Equal(t, []imap.BodyParam{{Name: "BOUNDARY", Value: "a boundary in two pieces"}}, body.Ext.Params)
	image := body.Parts[1].(*imap.BodyBasic)
	name := "utf-8'en'Bucht%20bei%20%C3%84ngelholm%2C%20Blatt%207.png"
	require.Equal(t, []imap.BodyParam{{Name: "NAME*", Value: name}}, image.Fields.Params)
	require.Equal(t, []imap.BodyParam{{Name: "FILENAME*", Value: name}}, image.Ext.Disposition.Params)
}
