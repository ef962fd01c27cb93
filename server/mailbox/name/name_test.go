package name

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestUTF7Examples(t *testing.T) {
	for name, encoded := range map[string]string{
		"":                   "",
		"INBOX":              "INBOX",
		"&":                  "&-",
		"a&b & c":            "a&-b &- c",
		"~peter/mail/台北/日本語": "~peter/mail/&U,BTFw-/&ZeVnLIqe-", // RFC 3501 section 5.1.3
		"Entwürfe":           "Entw&APw-rfe",
		"😀":                  "&2D3eAA-",
		"a😀é b":              "a&2D3eAADp- b",
		"\t\x7f":             "&AAkAfw-",
		"Boîte d'envoi":      "Bo&AO4-te d'envoi",
		"\U0010FFFF\uFFFF":   "&2,,f,,,,-",
		"&😀-":                "&-&2D3eAA--",
	} {
		require.Equal(t, encoded, EncodeUTF7(name))
		back, err := DecodeUTF7(encoded)
		require.NoError(t, err, encoded)
		require.Equal(t, name, back)
	}
}

func TestUTF7RefusesOtherSpellings(t *testing.T) {
	for _, bad := range []string{
		"&", "&U,BTFw", "&AGE-", "&U,BTFw-&ZeVnLIqe-", "&!-", "&2D0-", "&3gA-", "&3gDYPQ-", "ü", "a\x00", "&APx-", "&A-", "&AP-", "&APw=-", "a\xff",
	} {
		_, err := DecodeUTF7(bad)
		require.ErrorIs(t, err, ErrUTF7, bad)
	}
}

func TestUTF7OfEveryCodePoint(t *testing.T) {
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		name := string(r)
		encoded := EncodeUTF7(name)
		for i := 0; i < len(encoded); i++ {
			if !printable(encoded[i]) {
				t.Fatalf("U+%04X is written with octet %#x", r, encoded[i])
			}
		}
		if back, err := DecodeUTF7(encoded); err != nil || back != name {
			t.Fatalf("U+%04X becomes %q, then %q, %v", r, encoded, back, err)
		}
	}
}

func FuzzUTF7(f *testing.F) {
	for _, seed := range []string{"INBOX", "&U,BTFw-", "a&-b", "😀", "&2D3eAA-", "&2D0-", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if name, err := DecodeUTF7(text); err == nil {
			require.True(t, utf8.ValidString(name))
			require.Equal(t, text, EncodeUTF7(name))
		}
		encoded := EncodeUTF7(text)
		back, err := DecodeUTF7(encoded)
		require.NoError(t, err)
		if utf8.ValidString(text) {
			require.Equal(t, text, back)
		}
	})
}

func TestEscapeExamples(t *testing.T) {
	for name, part := range map[string]string{
		"Work": "Work", "a/b": "a=2Fb", "a=b": "a=b", "a=2Fb": "a=3D2Fb", "=": "=", "==2F": "==3D2F", " a ": "=20a=20", "a b": "a b",
		"a=20b": "a=20b", "a=20": "a=3D20", "=20a": "=3D20a", "x\r\ny": "x=0D=0Ay", "\x7f": "=7F", "\u0085": "=85", " ": "=20", "  ": "=20=20",
		"a=3D": "a=3D3D", "=2f": "=2f", "50=%": "50=%",
	} {
		require.Equal(t, part, Escape(name))
		require.Equal(t, name, Unescape(part))
	}
}

var tricky = rapid.StringOfN(rapid.SampledFrom([]rune("=23DF0 /\x00\x1f\x7f\u0085aé😀~")), 0, 12, -1)

func TestEscapeIsReversible(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(tricky, rapid.String()).Draw(t, "name")
		part := Escape(name)
		require.Equal(t, name, Unescape(part))
		require.NotContains(t, part, "/")
		require.Equal(t, strings.Trim(part, " "), part)
		for _, r := range part {
			require.False(t, control(r))
		}
	})
}

// A path part that a client makes up stands for a name whose part it is.
func TestEveryPartIsANamesPart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := strings.ReplaceAll(tricky.Draw(t, "part"), "/", "")
		require.Equal(t, Unescape(part), Unescape(Escape(Unescape(part))))
	})
}

func FuzzEscape(f *testing.F) {
	f.Add("a=2F")
	f.Fuzz(func(t *testing.T, name string) {
		if utf8.ValidString(name) {
			require.Equal(t, name, Unescape(Escape(name)))
		}
		Unescape(name)
	})
}

func TestSuffixDependsOnIDAndAttempt(t *testing.T) {
	require.Equal(t, Suffix("a", 0), Suffix("a", 0))
	require.NotEqual(t, Suffix("a", 0), Suffix("a", 1))
	require.NotEqual(t, Suffix("a", 0), Suffix("b", 0))
}
