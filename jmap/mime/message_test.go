package mime

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// outline writes a tree as one line per part: section, type, header and body octets.
func outline(p *Part) string {
	var b strings.Builder
	p.Walk(true, func(p *Part) {
		fmt.Fprintf(&b, "%s %s %q %q\n", p.Section(), p.MediaType(), p.Fields(), p.Octets())
	})
	return b.String()
}

func TestParsePlain(t *testing.T) {
	m := Parse([]byte("Subject: hi\r\n there\r\n\r\nbody\r\nline\r\n"))
	require.Equal(t, Span{0, 23}, m.Root.Header)
	require.Equal(t, Span{23, 35}, m.Root.Body)
	require.Equal(t, 2, m.Root.Lines())
	require.Equal(t, "text/plain", m.Root.MediaType())
	require.Equal(t, "us-ascii", m.Root.Charset())
	require.Equal(t, "1", m.Root.Section())
	f, ok := m.Header().First("SUBJECT")
	require.True(t, ok)
	require.Equal(t, " hi\r\n there", string(f.Raw))
}

func TestParseOutline(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"empty", "", "1 text/plain \"\" \"\"\n"},
		{"body only", "hello\nworld\n\nmore\n", "1 text/plain \"\" \"hello\\nworld\\n\\nmore\\n\"\n"},
		{"blank first", "\nhello\n", "1 text/plain \"\\n\" \"hello\\n\"\n"},
		{"header only", "A: b\n", "1 text/plain \"A: b\\n\" \"\"\n"},
		{"from line", "From x Mon Nov 23\nA: b\n\nx", "1 text/plain \"From x Mon Nov 23\\nA: b\\n\\n\" \"x\"\n"},
		{"mixed", "Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n\none\n--b\nA: 1\n\ntwo\n\n--b--\nepi\n",
			" multipart/mixed \"Content-Type: multipart/mixed; boundary=b\\n\\n\" \"pre\\n--b\\n\\none\\n--b\\nA: 1\\n\\ntwo\\n\\n--b--\\nepi\\n\"\n" +
				"1 text/plain \"\\n\" \"one\"\n2 text/plain \"A: 1\\n\\n\" \"two\\n\"\n"},
		{"no end", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n",
			" multipart/mixed \"Content-Type: multipart/mixed; boundary=b\\n\\n\" \"--b\\n\\none\\n\"\n1 text/plain \"\\n\" \"one\\n\"\n"},
		{"no parts", "Content-Type: multipart/mixed; boundary=b\n\n--b--\n",
			" multipart/mixed \"Content-Type: multipart/mixed; boundary=b\\n\\n\" \"--b--\\n\"\n1 text/plain \"\" \"\"\n"},
		{"no delimiter", "Content-Type: multipart/mixed; boundary=b\n\ntext\n",
			" multipart/mixed \"Content-Type: multipart/mixed; boundary=b\\n\\n\" \"text\\n\"\n1 text/plain \"\" \"text\\n\"\n"},
		{"no boundary", "Content-Type: multipart/mixed\n\ntext\n",
			"1 text/plain \"Content-Type: multipart/mixed\\n\\n\" \"text\\n\"\n"},
		{"part with header only", "Content-Type: multipart/mixed; boundary=b\n\n--b\nA: 1\n--b--\n",
			" multipart/mixed \"Content-Type: multipart/mixed; boundary=b\\n\\n\" \"--b\\nA: 1\\n--b--\\n\"\n1 text/plain \"A: 1\" \"\"\n"},
		{"part without body", "Content-Type: multipart/mixed; boundary=b\n\n--b\nA: 1\n\n--b--\n",
			" multipart/mixed \"Content-Type: multipart/mixed; boundary=b\\n\\n\" \"--b\\nA: 1\\n\\n--b--\\n\"\n1 text/plain \"A: 1\\n\" \"\"\n"},
		{"multipart without body", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=c\n--b--\n",
			" multipart/mixed \"Content-Type: multipart/mixed; boundary=b\\n\\n\" \"--b\\nContent-Type: multipart/mixed; boundary=c\\n--b--\\n\"\n" +
				"1 multipart/mixed \"Content-Type: multipart/mixed; boundary=c\" \"\"\n1.1 text/plain \"\" \"\"\n"},
		{"message without body", "Content-Type: multipart/digest; boundary=b\n\n--b\nA: 1\n--b\n\n--b\n\nSubject: d\n--b--\n",
			" multipart/digest \"Content-Type: multipart/digest; boundary=b\\n\\n\" \"--b\\nA: 1\\n--b\\n\\n--b\\n\\nSubject: d\\n--b--\\n\"\n" +
				"1 message/rfc822 \"A: 1\" \"\"\n1.1 text/plain \"\" \"\"\n" +
				"2 message/rfc822 \"\" \"\"\n2.1 text/plain \"\" \"\"\n" +
				"3 message/rfc822 \"\\n\" \"Subject: d\"\n3.1 text/plain \"Subject: d\" \"\"\n"},
		{"message", "Content-Type: message/rfc822\n\nSubject: in\n\nx\n",
			"1 message/rfc822 \"Content-Type: message/rfc822\\n\\n\" \"Subject: in\\n\\nx\\n\"\n1.1 text/plain \"Subject: in\\n\\n\" \"x\\n\"\n"},
		{"encoded message", "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQQ==\n",
			"1 message/rfc822 \"Content-Type: message/rfc822\\nContent-Transfer-Encoding: base64\\n\\n\" \"QQ==\\n\"\n"},
		{"digest", "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: d\n\nx\n--b--",
			" multipart/digest \"Content-Type: multipart/digest; boundary=b\\n\\n\" \"--b\\n\\nSubject: d\\n\\nx\\n--b--\"\n" +
				"1 message/rfc822 \"\\n\" \"Subject: d\\n\\nx\"\n1.1 text/plain \"Subject: d\\n\\n\" \"x\"\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, outline(Parse([]byte(c.in)).Root))
		})
	}
}

func TestOuterBoundaryEndsInnerMultipart(t *testing.T) {
	in := "Content-Type: multipart/mixed; boundary=ab\r\n\r\n" +
		"--ab\r\nContent-Type: multipart/alternative; boundary=abc\r\n\r\n" +
		"--abc\r\n\r\none\r\n--abc\r\n\r\ntwo\r\n" +
		"--ab\r\n\r\nthree\r\n--ab--\r\n"
	m := Parse([]byte(in))
	require.Len(t, m.Root.Children, 2)
	require.Len(t, m.Root.Children[0].Children, 2)
	require.Equal(t, "two", string(m.Root.Children[0].Children[1].Octets()))
	require.Equal(t, "three", string(m.Root.Children[1].Octets()))
	require.Equal(t, "1.2", m.Root.Children[0].Children[1].Section())
}

func TestBrokenContentTypes(t *testing.T) {
	for value, want := range map[string]string{
		"text":                       "text/plain",
		"":                           "text/plain",
		"TEXT/HTML; charset=\"x":     "text/html",
		"image / png (a picture)":    "image/png",
		"application/pdf name=x.pdf": "application/pdf",
		"multipart/mixed":            "text/plain",
	} {
		m := Parse([]byte("Content-Type: " + value + "\n\nx"))
		require.Equal(t, want, m.Root.MediaType(), value)
	}
}
