package jmap

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEvaluatePointer(t *testing.T) {
	const response = `{"list":[{"threadId":"a","ids":["1","2"],"m":{"x/y":1,"~":2}},{"threadId":"b","ids":[]},{"threadId":"c","ids":["3"]}],"n":{"0":"zero"}}`
	for path, want := range map[string]string{
		"":                 response,
		"/list/*/threadId": `["a","b","c"]`,
		"/list/*/ids":      `["1","2","3"]`,
		"/list/1/threadId": `"b"`,
		"/list/0/m/x~1y":   `1`,
		"/list/0/m/~0":     `2`,
		"/n/0":             `"zero"`,
	} {
		have, err := EvaluatePointer(json.RawMessage(response), path)
		require.NoError(t, err, path)
		require.JSONEq(t, want, string(have), path)
	}
	for _, path := range []string{"list", "/nope", "/list/3", "/list/-1", "/list/01", "/list/x", "/list/*/nope", "/list/0/threadId/x", "/n/*"} {
		_, err := EvaluatePointer(json.RawMessage(response), path)
		require.Error(t, err, path)
	}
}

func TestResolveReferences(t *testing.T) {
	args := json.RawMessage(`{"accountId":"a","#ids":{"resultOf":"c0","name":"Foo/query","path":"/ids"}}`)
	out, err := ResolveReferences(args, func(ref ResultReference) (json.RawMessage, error) {
		require.Equal(t, ResultReference{ResultOf: "c0", Name: "Foo/query", Path: "/ids"}, ref)
		return json.RawMessage(`{"ids":["x","y"]}`), nil
	})
	require.NoError(t, err)
	require.JSONEq(t, `{"accountId":"a","ids":["x","y"]}`, string(out))

	missing := errors.New("no such call")
	_, err = ResolveReferences(args, func(ResultReference) (json.RawMessage, error) { return nil, missing })
	require.ErrorIs(t, err, missing)

	for _, wrong := range []string{
		`{"ids":[],"#ids":{"resultOf":"c0","name":"Foo/query","path":"/ids"}}`,
		`{"#ids":{"resultOf":"c0","name":"Foo/query"}}`,
		`{"#ids":{"resultOf":"c0","name":"Foo/query","path":"/ids","more":1}}`,
		`{"#ids":["x"]}`,
		`[]`,
	} {
		_, _, err := SplitReferences(json.RawMessage(wrong))
		require.Error(t, err, wrong)
	}
}
