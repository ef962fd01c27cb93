package mime

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// leafOf makes a message of one part.
func leafOf(header, body string) *Part { return Parse([]byte(header + "\n\n" + body)).Root }

func TestContent(t *testing.T) {
	cases := []struct {
		encoding, in, want string
		problem            bool
	}{
		{"7bit", "a b\r\n", "a b\r\n", false},
		{"BASE64 (yes)", "QUJD\r\nREU=\r\n", "ABCDE", false},
		{"base64", "QUI=QUI=", "ABAB", false},
		{"base64", "QU!JD", "ABC", true},
		{"base64", "QUJDR", "ABC", true},
		{"base64", "QUI", "AB", false},
		{"base64", "", "", false},
		{"quoted-printable", "caf=C3=a9 =\r\nx  \t\r\ny =  \nz", "café x\r\ny z", false},
		{"quoted-printable", "1=2 =ZZ =", "1=2 =ZZ ", true},
		{"x-unknown", "=41", "=41", true},
	}
	for _, c := range cases {
		p := leafOf("Content-Transfer-Encoding: "+c.encoding, c.in)
		content := p.Content()
		got, err := io.ReadAll(content)
		require.NoError(t, err)
		require.Equal(t, c.want, string(got), c.in)
		require.Equal(t, c.problem, content.Problem(), c.in)
		require.EqualValues(t, len(c.want), p.ContentSize())
	}
}

func TestStrictContent(t *testing.T) {
	_, err := leafOf("Content-Transfer-Encoding: x-what", "x").StrictContent()
	require.True(t, errors.Is(err, ErrEncoding))
	_, err = leafOf("Content-Transfer-Encoding: base64", "QQ==").StrictContent()
	require.NoError(t, err)
}

func TestPartText(t *testing.T) {
	cases := []struct {
		header, body, want string
		problem            bool
	}{
		{"Content-Type: text/plain; charset=utf-8", "é\r\nx\r\n", "é\nx\n", false},
		{"Content-Type: text/plain; charset=utf-8", "\xff", "\uFFFD", true},
		{"Subject: no type", "smart \x93quotes\x94", "smart “quotes”", false},
		{"Subject: no type", "caf\u00e9", "café", false},
		{"Content-Type: text/plain; charset=koi8-r", "\xf0\xd2\xc9", "При", false},
		{"Content-Type: text/plain; charset=x-nope", "a\xff", "a\uFFFD", true},
		{"Content-Type: text/plain; charset=utf-16le", "a\x00\r\x00\n\x00", "a\n", false},
		{"Content-Type: text/plain; charset=utf-16", "\xff\xfea\x00", "a", false},
		{"Content-Type: text/plain; charset=cp850", "\x81", "ü", false},
	}
	for _, c := range cases {
		text := leafOf(c.header, c.body).Text(0)
		require.Equal(t, c.want, text.Value, c.header)
		require.Equal(t, c.problem, text.Problem, c.header)
	}
}

func TestTextLimitKeepsCharactersWhole(t *testing.T) {
	p := leafOf("Content-Type: text/plain; charset=utf-8", strings.Repeat("é", 10))
	for limit := 1; limit < 20; limit++ {
		text := p.Text(limit)
		require.True(t, text.Truncated)
		require.Equal(t, strings.Repeat("é", limit/2), text.Value)
	}
	require.False(t, p.Text(20).Truncated)
	require.Equal(t, "a ", leafOf("Content-Type: text/html", "a <b>c</b>").Text(4).Value)
}

func TestHTMLText(t *testing.T) {
	for in, want := range map[string]string{
		"<p>One &amp; two</p><p>three<br>four":              "One & two\nthree\nfour",
		"<style>p{}</style>x<script>if (a<b) {}</SCRIPT >y": "xy",
		"a<!-- > -->b":    "ab",
		"1 < 2 and 3 > 2": "1 < 2 and 3 > 2",
		"<head><title>t</title></head><body> b  c </body>": "b c",
		"un<closed":       "un<closed",
		"&lt;b&gt; stays": "<b> stays",
	} {
		require.Equal(t, want, HTMLText(in), in)
	}
}

func TestPreview(t *testing.T) {
	preview := func(s string) string { return Parse([]byte(s)).Preview() }
	require.Equal(t, "Hello there, friend.", preview("Subject: x\n\nHello\tthere,\n\n\nfriend.\n> quoted\n-- \nsig\n"))
	require.Equal(t, "> only", preview("Subject: x\n\n> only\n"))
	require.Equal(t, "Hi there", preview("Content-Type: text/html\n\n<p>Hi <b>there</b></p>"))
	require.Equal(t, "", preview("Content-Type: image/png\n\nxx"))
	require.Len(t, []rune(preview("Subject: x\n\n"+strings.Repeat("é", 1000))), PreviewLength)
}

// What Plain gives is what TextReader reads, but for line breaks.
func TestPlainIsText(t *testing.T) {
	for _, charset := range []string{"", "us-ascii", "utf-8", "iso-8859-1", "koi8-r", "utf-7", "iso-2022-jp", "utf-16", "ibm037", "x"} {
		for _, encoding := range []string{"7bit", "8bit", "base64", "quoted-printable", "x-odd"} {
			for _, body := range []string{"", "plain\r\ntext\n", "a+AGE-b", "\x1b$B", "caf\xe9"} {
				m := Parse([]byte("Content-Type: text/plain; charset=" + charset + "\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n" + body))
				octets, plain := m.Root.Plain()
				if plain {
					text, err := io.ReadAll(m.Root.TextReader())
					require.NoError(t, err)
					require.Equal(t, string(text), strings.ReplaceAll(string(octets), "\r\n", "\n"), "%s %s", charset, encoding)
					require.Equal(t, string(text), m.Root.Text(0).Value)
				}
			}
		}
	}
	_, plain := Parse([]byte("\r\nASCII")).Root.Plain()
	require.True(t, plain)
}

// Text gives the same whether it decodes or not: a part is decoded where one octet is not ASCII.
func TestTextLimits(t *testing.T) {
	for _, kind := range []string{"plain", "html"} {
		for _, body := range []string{"", "a\r\nb", "\r\n\r\n\r\n\r\n", "<b>x</b>\n<i>", "a\rb\r", "aaaaaaaaaa"} {
			head := "Content-Type: text/" + kind + "\r\n\r\n"
			plain, decoded := Parse([]byte(head+body)).Root, Parse([]byte(head+body+strings.Repeat("-", 40)+"é")).Root
			for limit := 1; limit < len(body); limit++ {
				want := decoded.Text(limit)
				want.Truncated = limit < len(strings.ReplaceAll(body, "\r\n", "\n"))
				if want.Truncated {
					require.Equal(t, want, plain.Text(limit), "%q %d", body, limit)
				} else {
					require.Equal(t, strings.ReplaceAll(body, "\r\n", "\n"), plain.Text(limit).Value)
				}
			}
		}
	}
}
