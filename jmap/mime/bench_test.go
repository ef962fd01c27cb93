package mime

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
)

// benchMessage has n attachments of about 64 KiB in base64.
func benchMessage(n int) []byte {
	var b bytes.Buffer
	b.WriteString("From: a@b\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=\"=_b\"\r\n\r\n")
	for i := range n {
		fmt.Fprintf(&b, "--=_b\r\nContent-Type: application/pdf; name=%d.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n", i)
		b.WriteString(strings.Repeat(strings.Repeat("QUJD", 19)+"\r\n", 850))
	}
	b.WriteString("--=_b--\r\n")
	return b.Bytes()
}

func BenchmarkParse(b *testing.B) {
	for _, n := range []int{1, 160} {
		in := benchMessage(n)
		b.Run(fmt.Sprintf("%dKiB", len(in)>>10), func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				Parse(in)
			}
		})
	}
}

func BenchmarkContent(b *testing.B) {
	m := Parse(benchMessage(1))
	qp := Parse([]byte("Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("caf=C3=A9 and more words=\n", 2500)))
	for name, p := range map[string]*Part{"base64": m.Root.Children[0], "quoted-printable": qp.Root} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(p.Body.Len()))
			for b.Loop() {
				_, _ = io.Copy(io.Discard, struct{ io.Reader }{p.Content()})
			}
		})
	}
}

func BenchmarkTypicalHeader(b *testing.B) {
	in := []byte("From: \"Jane Doe\" <jane@example.org>\r\nTo: a@b.example, c@d.example\r\n" +
		"Subject: =?utf-8?q?caf=C3=A9?=\r\nDate: Mon, 23 Nov 2026 04:46:01 +0100\r\nMessage-ID: <1@x>\r\n\r\nhello\r\n")
	b.ReportAllocs()
	for b.Loop() {
		m := Parse(in)
		f, _ := m.Header().First("From")
		ParseAddresses(f.Raw)
		s, _ := m.Header().First("Subject")
		Text(s.Raw)
	}
}
