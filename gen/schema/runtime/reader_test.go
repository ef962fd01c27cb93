package jmap

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var jsonSeeds = []string{
	`{"a":[1,-0.5e+3,true,false,null,"\u00e9\ud83d\ude00\n"],"b":{}}`, `[]`, `"é😀"`, `0`, `-0`, `01`, `1.`, `.5`, `1e`, `tru`, `nul`,
	`"\x"`, `"\u12g4"`, `"`, `{"a"}`, `{"a":}`, `[1,]`, `{,}`, `[1 2]`, "\"\x01\"", `{"a":1}x`, ``, ` `, `--1`, "\"\xff\"",
}

// FuzzSkip holds the reader against encoding/json: it takes the same texts, and strings mean the same.
func FuzzSkip(f *testing.F) {
	for _, s := range jsonSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		err := unmarshalWith(data, (*reader).skip)
		if strings.Contains(errorText(err), errDepth.Error()) {
			return
		}
		require.Equal(t, json.Valid(data), err == nil, "%q: %v", data, err)
		var want, have string
		stdErr := json.Unmarshal(data, &want)
		ourErr := unmarshalWith(data, func(r *reader) (err error) { have, err = r.string(); return err })
		if ourErr == nil {
			require.NoError(t, stdErr)
			require.Equal(t, want, have)
		}
	})
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// FuzzString writes any octets as a string that encoding/json reads as it would its own.
func FuzzString(f *testing.F) {
	f.Add("a\"\\/\b\f\n\r\t\x00\x7fé😀\xff\xe2\x82")
	f.Fuzz(func(t *testing.T, s string) {
		var have string
		require.NoError(t, json.Unmarshal(appendString(nil, s), &have))
		require.Equal(t, string([]rune(s)), have)
	})
}

func TestDepthIsBounded(t *testing.T) {
	deep := strings.Repeat("[", 1_000_000)
	require.ErrorIs(t, unmarshalWith([]byte(deep), (*reader).skip), errDepth)
	require.ErrorIs(t, unmarshalWith([]byte(strings.Repeat(`{"a":`, 1_000_000)), (*reader).skip), errDepth)
	require.ErrorIs(t, CheckIJSON([]byte(deep)), errDepth)
	even := strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth)
	require.NoError(t, unmarshalWith([]byte(even), (*reader).skip))
}

func TestCheckIJSON(t *testing.T) {
	require.NoError(t, CheckIJSON([]byte(`{"a":{"b":1},"b":[{"a":1},{"a":2}]}`)))
	for text, want := range map[string]string{
		`{"a":1,"\u0061":2}`:       `the name "a" is there twice`,
		`[{"x":{"a":1,"a":1}}]`:    `the name "a" is there twice`,
		"\"\xff\"":                 "not UTF-8",
		`{"a":1} {}`:               "expected the end",
		`{"a":`:                    "unexpected end",
		strings.Repeat(`[`, 1<<20): "nested deeper",
	} {
		require.ErrorContains(t, CheckIJSON([]byte(text)), want)
	}
}

func TestIntegers(t *testing.T) {
	for text, want := range map[string]uint64{"0": 0, "9007199254740991": maxInt, "18446744073709551615": maxInt, "99999999999999999999999": maxInt} {
		n, err := (&reader{data: []byte(text)}).uint()
		require.NoError(t, err, text)
		require.Equal(t, want, n)
	}
	for _, text := range []string{"-1", "1.5", "1e3", `"1"`, "", "null"} {
		_, err := (&reader{data: []byte(text)}).uint()
		require.Error(t, err, text)
	}
	n, err := (&reader{data: []byte("-99999999999999999999")}).int()
	require.NoError(t, err)
	require.Equal(t, int64(-maxInt), n)
}
