package jmap

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRequestThatIsNone(t *testing.T) {
	for _, text := range []string{
		`{}`, `[]`, `{"using":[]}`, `{"methodCalls":[]}`, `{"using":null,"methodCalls":[]}`, `{"using":[1],"methodCalls":[]}`,
		`{"using":[],"methodCalls":[["a",{}]]}`, `{"using":[],"methodCalls":[["a",{},"b","c"]]}`,
		`{"using":[],"methodCalls":[["a",[],"b"]]}`, `{"using":[],"methodCalls":[[1,{},"b"]]}`,
		`{"using":[],"methodCalls":[],"createdIds":{"a":1}}`, `{"using":[],"methodCalls":[]}x`,
	} {
		require.Error(t, json.Unmarshal([]byte(text), new(Request)), text)
	}
}

func TestEnvelope(t *testing.T) {
	const request = `{"using":["u"],"methodCalls":[["Core/echo",{"a":1},"c0"]],"createdIds":{"k":"M1"},"x":true}`
	var q Request
	require.NoError(t, json.Unmarshal([]byte(request), &q))
	text, err := json.Marshal(q)
	require.NoError(t, err)
	require.Equal(t, request, string(text))

	const response = `{"methodResponses":[["error",{"type":"unknownMethod"},"c0"]],"sessionState":"s"}`
	var p Response
	require.NoError(t, json.Unmarshal([]byte(response), &p))
	text, err = json.Marshal(p)
	require.NoError(t, err)
	require.Equal(t, response, string(text))
	i, ok := p.Find(Handle{Name: "Core/echo", ID: "c0"})
	require.True(t, ok)
	require.Equal(t, "error", i.Name)
	_, ok = p.Find(Handle{Name: "Core/echo", ID: "c1"})
	require.False(t, ok)
	require.Error(t, json.Unmarshal([]byte(`{"sessionState":"s"}`), &p))
}

func TestErrors(t *testing.T) {
	var m MethodError
	require.NoError(t, json.Unmarshal([]byte(`{"type":"invalidArguments","description":"no","arguments":["ids"]}`), &m))
	require.EqualError(t, &m, "invalidArguments: no")
	require.JSONEq(t, `["ids"]`, string(m.Extra["arguments"]))
	require.NoError(t, json.Unmarshal([]byte(`{"type":"serverFail","description":null}`), &m))
	require.EqualError(t, &m, "serverFail")

	var q RequestError
	require.NoError(t, json.Unmarshal([]byte(`{"type":"urn:ietf:params:jmap:error:limit","status":400,"limit":"maxSizeRequest","detail":"too big"}`), &q))
	require.EqualError(t, &q, "urn:ietf:params:jmap:error:limit: maxSizeRequest: too big")
}

func TestPatch(t *testing.T) {
	var p Patch
	require.NoError(t, p.Set("name", "x"))
	p.Remove("keywords/" + EscapePointer("a/b~c"))
	text, err := json.Marshal(p)
	require.NoError(t, err)
	require.Equal(t, `{"keywords/a~1b~0c":null,"name":"x"}`, string(text))
	property, keys := p.Property("keywords/a~1b~0c")
	require.Equal(t, "keywords", property)
	require.Equal(t, []string{"a/b~c"}, keys)
	require.True(t, p.Touches("keywords"))
	require.False(t, p.Touches("keyword"))
	require.NoError(t, p.Check())
	require.NoError(t, p.Set("keywords", map[string]bool{}))
	require.Error(t, p.Check())
	require.Error(t, Patch{"": nil}.Check())
	require.Error(t, json.Unmarshal([]byte(`[]`), &p))
	require.Error(t, p.Set("x", func() {}))
}

func TestID(t *testing.T) {
	for id, valid := range map[ID]bool{"": false, "a": true, "M-_9": true, "#k": false, "a b": false, "é": false, ID(make([]byte, 256)): false} {
		require.Equal(t, valid, id.Valid(), "%q", id)
	}
	k, ok := ID("#k1").CreationID()
	require.True(t, ok)
	require.Equal(t, ID("k1"), k)
	_, ok = ID("#").CreationID()
	require.False(t, ok)
}
