package mime

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func FuzzParse(f *testing.F) {
	f.Add([]byte("From: a@b\r\nSubject: x\r\n\r\nbody\r\n"))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\nContent-Type: message/rfc822\n\nA: b\n\nx\n--b--\n"))
	f.Add([]byte("Content-Type: multipart/digest; boundary=\"a b\"\n\n--a b\n--a b\nx\n\n--a b--"))
	f.Add([]byte("Content-Type: text/html; charset=utf-7\nContent-Transfer-Encoding: quoted-printable\n\n<p>+AOk- =\n=41 =4 \t\n"))
	f.Add([]byte("Content-Type: multipart/related; boundary*0=a; boundary*1=b\n\n--ab\nContent-Transfer-Encoding: base64\n\nQUJD=!\n--ab"))
	f.Fuzz(func(t *testing.T, in []byte) {
		m := Parse(in)
		checkTree(t, m)
		m.Root.Walk(true, func(p *Part) {
			text := p.Text(100)
			require.True(t, utf8.ValidString(text.Value))
			require.LessOrEqual(t, len(text.Value), 100)
			n, err := io.Copy(io.Discard, iotest.OneByteReader(p.Content()))
			require.NoError(t, err)
			require.Equal(t, p.ContentSize(), n)
			p.FileName()
			p.ContentID()
		})
		v := m.Views()
		v.HasAttachment()
		require.LessOrEqual(t, utf8.RuneCountInString(Preview(v.Text)), PreviewLength)
		total := 0
		for fld := range m.Header().Fields() {
			require.Equal(t, string(in[fld.Span.Start:fld.Span.End]), string(m.Header()[fld.Span.Start:fld.Span.End]))
			total += fld.Span.Len()
		}
		require.LessOrEqual(t, total, m.Root.Header.Len())
	})
}

func FuzzAddresses(f *testing.F) {
	for _, s := range []string{"a@b", `"x y" <z@[1.2.3.4]>, g: h@i (c);`, "<@a,@b:c@d>", "=?utf-8?q?x?= <a@b", "a <b <c@d>", "((("} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		open := false
		for _, a := range ParseAddresses([]byte(s)) {
			require.True(t, utf8.ValidString(a.DisplayName()))
			switch a.Kind {
			case GroupStart:
				require.False(t, open)
				open = true
			case GroupEnd:
				require.True(t, open)
				open = false
			}
		}
		require.False(t, open)
		ParseGroups([]byte(s))
	})
}

func FuzzText(f *testing.F) {
	for _, s := range []string{" =?utf-8?q?a_b?= =?utf-8?b?w6k=?=", "=?iso-2022-jp?b?GyRC?=", "=?utf-7?q?+2D3cqQ-?=", "Re: [x] (fwd)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := Text([]byte(s))
		require.True(t, utf8.ValidString(text))
		require.True(t, utf8.ValidString(Raw([]byte(s))))
		base, _ := BaseSubject(text)
		again, _ := BaseSubject(base)
		require.Equal(t, base, again)
	})
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"Mon, 23 Nov 2026 04:46:01 +0100", "23-Nov-26 4:46", "Nov 23 1:2:3 2026", "1 Jan 1 a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDate([]byte(s))
		if err == nil {
			again, err := ParseDate([]byte(d.Format("Mon, 2 Jan 2006 15:04:05 -0700")))
			require.NoError(t, err)
			require.True(t, d.Equal(again))
		}
	})
}

func FuzzCharset(f *testing.F) {
	for _, name := range []string{"utf-8", "utf-7", "utf-16", "us-ascii", "iso-2022-jp", "gb18030", "hz-gb-2312", "nope", "big5"} {
		f.Add(name, []byte("a+AOk-\x1b$BF|\xff\xfe~{\xe4\xe3"))
	}
	f.Fuzz(func(t *testing.T, name string, octets []byte) {
		whole, _ := DecodeCharset(name, octets)
		require.True(t, utf8.ValidString(whole))
		var problem bool
		pieces, err := io.ReadAll(newCharsetReader(name, iotest.OneByteReader(strings.NewReader(string(octets))), &problem))
		require.NoError(t, err)
		if _, err := Charset(name); err == nil {
			require.Equal(t, whole, string(pieces))
		}
	})
}
