package utf7

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestNames(t *testing.T) {
	for plain, encoded := range map[string]string{
		"":                   "",
		"INBOX":              "INBOX",
		"a&b":                "a&-b",
		"Entwürfe":           "Entw&APw-rfe",
		"~peter/mail/台北/日本語": "~peter/mail/&U,BTFw-/&ZeVnLIqe-", // the example of RFC 3501
		"📬":                  "&2D3c7A-",
		"é&é":                "&AOk-&-&AOk-",
	} {
		require.Equal(t, encoded, Encode(plain))
		back, err := Decode(encoded)
		require.NoError(t, err)
		require.Equal(t, plain, back)
	}
}

func TestInvalid(t *testing.T) {
	for _, name := range []string{
		"&", "a&b", "&A-", "&AG", "&AGE-", "&U,BTFw-&ZeVnLIqe-", "&2D0-", "&====-", "&AO\nk-", "\xff", "&AP1-",
	} {
		_, err := Decode(name)
		require.ErrorIs(t, err, ErrInvalid, name)
	}
	raw, err := Decode("Entwürfe")
	require.NoError(t, err)
	require.Equal(t, "Entwürfe", raw)
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		if !utf8.ValidString(name) || containsReplacement(name) {
			t.Skip()
		}
		encoded := Encode(name)
		for i := range len(encoded) {
			require.True(t, encoded[i] >= 0x20 && encoded[i] <= 0x7e)
		}
		back, err := Decode(encoded)
		require.NoError(t, err)
		require.Equal(t, name, back)
	})
}

func containsReplacement(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError {
			return true
		}
	}
	return false
}

func FuzzDecode(f *testing.F) {
	f.Add("&U,BTFw-/&ZeVnLIqe-")
	f.Add("a&-b")
	f.Fuzz(func(t *testing.T, name string) {
		plain, err := Decode(name)
		if err != nil {
			return
		}
		again, err := Decode(Encode(plain))
		require.NoError(t, err)
		require.Equal(t, plain, again)
	})
}
