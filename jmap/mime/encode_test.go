package mime

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"
)

func TestEncodeText(t *testing.T) {
	require.Equal(t, "plain text", EncodeText("plain text", 9))
	require.Equal(t, "Re: =?utf-8?q?caf=C3=A9_cr=C3=A8me?= today", EncodeText("Re: café crème today", 9))
	require.Equal(t, "=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?=", EncodeText("=?utf-8?q?x?=", 0)[:37])
	require.NotContains(t, EncodeText("a\r\nBcc: x", 0), "\n")
	long := EncodeText(strings.Repeat("Заказ подтверждён ", 30), 9)
	for line := range strings.SplitSeq(long, "\r\n") {
		require.LessOrEqual(t, len(line), 78)
		require.True(t, IsASCII([]byte(line)))
	}
}

func TestEncodePhrase(t *testing.T) {
	for in, want := range map[string]string{
		"Jane Doe":         "Jane Doe",
		"Doe, Jane":        `"Doe, Jane"`,
		`Say "hi" \o/`:     `"Say \"hi\" \\o/"`,
		"Jørn":             "=?utf-8?q?J=C3=B8rn?=",
		"日本語":              "=?utf-8?b?5pel5pys6Kqe?=",
		"=?utf-8?q?fake?=": `"=?utf-8?q?fake?="`,
	} {
		require.Equal(t, want, EncodePhrase(in))
		a := ParseAddresses([]byte(EncodePhrase(in) + " <a@b>"))
		require.Len(t, a, 1)
		require.Equal(t, in, a[0].DisplayName())
	}
}

func TestSevenBit(t *testing.T) {
	require.Equal(t, "a =?utf-8?b?w6k=?= b", SevenBit("a é b"))
	require.Equal(t, "=?unknown-8bit?q?caf=E9?=", SevenBit("caf\xe9"))
	require.Equal(t, "=?utf-8?q?x?=", SevenBit("=?utf-8?q?x?="))
	require.Equal(t, "=?utf-8?q?x?= =?utf-8?b?IMOp?=", SevenBit("=?utf-8?q?x?= é"))
	for _, raw := range []string{
		"=?utf-8?q?x?= é", "é =?utf-8?q?x?=", "é  =?utf-8?q?x?=  é b", "b =?utf-8?q?x?= =?utf-8?q?y?= é é =?utf-8?q?z?= c", "  é  ", "=?x é", "é=?utf-8?q?x?=",
	} {
		require.Equal(t, decodeText(raw), decodeText(SevenBit(raw)))
		require.Equal(t, SevenBit(raw), SevenBit(SevenBit(raw)))
	}
}

func TestEncodingManyWordsIsLinear(t *testing.T) {
	for _, text := range []string{"é " + strings.Repeat("ab ", 60_000), strings.Repeat("é a ", 60_000), strings.Repeat("é =?utf-8?q?x?= ", 20_000)} {
		within(t, 30*time.Second, func() {
			SevenBit(text)
			EncodeText(text, 9)
		})
	}
}

func TestEncodeParam(t *testing.T) {
	for _, value := range []string{"a.pdf", "a b.pdf", `q"\.txt`, "naïve.txt", "", strings.Repeat("long name ", 30),
		strings.Repeat("長い名前", 40) + ".pdf"} {
		for _, name := range []string{"filename", strings.Repeat("n", 70)} {
			enc := EncodeParam(name, value)
			require.True(t, IsASCII([]byte(enc)))
			for line := range strings.SplitSeq(enc, "\r\n") {
				require.LessOrEqual(t, len(line), 78+len(name))
			}
			_, params := parseParameterised([]byte("attachment; "+enc), false)
			got, ok := params.Get(name)
			require.True(t, ok)
			require.Equal(t, value, got)
		}
	}
}

func FuzzEncodeText(f *testing.F) {
	for _, s := range []string{"plain", "café crème", "日本語 text 日本 語", "=?utf-8?q?x?= y", "a  b\tc", strings.Repeat("x", 600)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || len(s) > 5000 {
			return
		}
		s = withoutControls(s)
		enc := EncodeText(s, 9)
		require.True(t, IsASCII([]byte(enc)))
		require.NotContains(t, strings.ReplaceAll(enc, "\r\n ", ""), "\n")
		require.Equal(t, norm.NFC.String(strings.TrimLeft(s, " ")), Text([]byte(enc)))
	})
}
