package schema

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// FuzzRequest decodes requests and all their calls. What decodes must, written again, decode to the same.
func FuzzRequest(f *testing.F) {
	for _, text := range examples(f) {
		f.Add([]byte(`{"using":[],"methodCalls":` + string(text) + `}`))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var q jmap.Request
		if q.UnmarshalJSON(data) != nil {
			return
		}
		require.True(t, json.Valid(data), "%q", data)
		for _, call := range q.MethodCalls {
			request, ok := jmap.NewMethod(call.Name)
			if !ok {
				continue
			}
			checkStable(t, call, request)
			checkStable(t, call, responseOf(request))
		}
	})
}

func checkStable(t *testing.T, call jmap.Invocation, args jmap.Method) {
	if call.Into(args) != nil {
		return
	}
	once, err := json.Marshal(args)
	require.NoError(t, err)
	require.True(t, json.Valid(once), "%s", once)
	again := reflect.New(reflect.TypeOf(args).Elem()).Interface()
	require.NoError(t, json.Unmarshal(once, again), "%s", once)
	twice, err := json.Marshal(again)
	require.NoError(t, err)
	require.Equal(t, string(once), string(twice))
}

// FuzzReferences splits and resolves arguments.
func FuzzReferences(f *testing.F) {
	f.Add([]byte(`{"#ids":{"resultOf":"a","name":"b","path":"/list/*/id"},"x":1}`), []byte(`{"list":[{"id":["x"]},{"id":"y"}]}`))
	f.Fuzz(func(t *testing.T, args, result []byte) {
		out, err := jmap.ResolveReferences(args, func(jmap.ResultReference) (json.RawMessage, error) { return result, nil })
		if err == nil {
			require.True(t, json.Valid(out), "%q", out)
		}
	})
}
