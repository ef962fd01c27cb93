package jmap

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

const sourcesOnly = `{"maxSizeBlobSet":null,"maxDataSources":64}`

// newInlineServer is a fake whose account A1 has a blob capability of a name.
func newInlineServer(t *testing.T, name, core, account string) *fake {
	f := newFake(t)
	f.core = core
	const mail = `"urn:ietf:params:jmap:mail":{}`
	object := strings.Replace(f.sessionObject(), mail, mail+`,"`+name+`":{}`, 1)
	f.session = strings.Replace(object, `{`+mail+`}`, `{`+mail+`,"`+name+`":`+account+`}`, 1)
	return f
}

func TestMaxInlineBlob(t *testing.T) {
	for _, c := range []struct {
		name, core, account string
		want                int64
	}{
		{proto.CapabilityBlob, ``, sourcesOnly, (10_000_000 - besideInline) / 4 * 3},
		{proto.CapabilityBlob, `"maxSizeUpload":1000`, sourcesOnly, 1000},
		{proto.CapabilityBlob, `"maxSizeRequest":165536`, sourcesOnly, 75_000},
		{proto.CapabilityBlob, `"maxSizeRequest":1000`, sourcesOnly, 0},
		{proto.CapabilityBlob, ``, `{"maxSizeBlobSet":4096,"maxDataSources":64}`, 4096},
		{proto.CapabilityBlob, ``, `{"maxSizeBlobSet":9007199254740991,"maxDataSources":64}`, (10_000_000 - besideInline) / 4 * 3},
		{proto.CapabilityBlob, `"maxSizeRequest":1000`, `{"maxSizeBlobSet":4096,"maxDataSources":64}`, 0},
		{proto.CapabilityBlob, ``, `{"maxSizeBlobSet":0,"maxDataSources":64}`, 0},
		{proto.CapabilityBlob, ``, `{"maxSizeBlobSet":4096,"maxDataSources":0}`, 0},
		{proto.CapabilityBlob, ``, `{"maxSizeBlobSet":"4096","maxDataSources":64}`, 0},
		{proto.CapabilityBlob, ``, `{}`, 0},
		{proto.CapabilityBlob, ``, `null`, 0},
		{cyrusBlob, ``, sourcesOnly, 0},
	} {
		s := newInlineServer(t, c.name, c.core, c.account).login(t, nil)
		require.Equal(t, c.want, s.MaxInlineBlob(account), "%+v", c)
		require.Zero(t, s.MaxInlineBlob("A2"), "%+v", c)
		require.Zero(t, s.MaxInlineBlob("none"), "%+v", c)
	}
}

func TestAddBlobKeepsToTheLimit(t *testing.T) {
	s := newInlineServer(t, proto.CapabilityBlob, ``, `{"maxSizeBlobSet":4,"maxDataSources":64}`).login(t, nil)
	var q proto.Request
	_, err := s.AddBlob(&q, account, "b0", "", []byte("12345"))
	var limit *LimitError
	require.ErrorAs(t, err, &limit)
	require.Empty(t, q.MethodCalls)

	_, err = s.AddBlob(&q, "A2", "b0", "", nil)
	require.ErrorAs(t, err, &limit, "an account without the capability")
	require.Empty(t, q.MethodCalls)

	blob, err := s.AddBlob(&q, account, "b0", "", []byte("1\x00\xff\n"))
	require.NoError(t, err)
	require.Equal(t, proto.ID("#b0"), blob.Ref())
	text, err := json.Marshal(q.MethodCalls[0].Args)
	require.NoError(t, err)
	require.JSONEq(t, `{"accountId":"A1","create":{"b0":{"data":[{"data:asBase64":"MQD/Cg=="}]}}}`, string(text))
}

// A request of the largest blob is one that Do sends.
func TestLargestInlineBlobFitsIntoARequest(t *testing.T) {
	f := newInlineServer(t, proto.CapabilityBlob, `"maxSizeRequest":165536`, sourcesOnly)
	s := f.login(t, nil)
	var q proto.Request
	blob, err := s.AddBlob(&q, account, "b0", "message/rfc822", make([]byte, s.MaxInlineBlob(account)))
	require.NoError(t, err)
	proto.Add(&q, &proto.EmailImport{AccountID: account, Emails: map[proto.ID]*proto.EmailImportObject{
		"m0": {BlobID: blob.Ref(), MailboxIDs: map[proto.ID]bool{"M1": true}, Keywords: map[string]bool{strings.Repeat("k", besideInline-1000): true}},
	}})
	_, err = s.Do(t.Context(), &q)
	require.NoError(t, err)
}

func TestInlineBlobID(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		id           proto.ID
		refused      bool // ErrNotUploaded
		noMore       bool // the method is not used again
	}{
		{name: "made", answer: `["Blob/upload",{"accountId":"A1","created":{"b0":{"id":"B7","type":null,"size":5}},"notCreated":null},"c0"]`, id: "B7"},
		{name: "other size", answer: `["Blob/upload",{"accountId":"A1","created":{"b0":{"id":"B7","type":null,"size":4}},"notCreated":null},"c0"]`},
		{name: "no id", answer: `["Blob/upload",{"accountId":"A1","created":{"b0":{"id":"","type":null,"size":5}},"notCreated":null},"c0"]`},
		{name: "silence", answer: `["Blob/upload",{"accountId":"A1","created":null,"notCreated":null},"c0"]`},
		{name: "refused", answer: `["Blob/upload",{"accountId":"A1","created":null,"notCreated":{"b0":{"type":"tooLarge"}}},"c0"]`, refused: true},
		{name: "unknown method", answer: `["error",{"type":"unknownMethod"},"c0"]`, refused: true, noMore: true},
		{name: "other form", answer: `["error",{"type":"invalidArguments"},"c0"]`, refused: true, noMore: true},
		{name: "busy", answer: `["error",{"type":"serverUnavailable"},"c0"]`, refused: true},
		{name: "partial", answer: `["error",{"type":"serverPartialFail"},"c0"]`},
		{name: "no answer", answer: `["Core/echo",{},"c9"]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newInlineServer(t, proto.CapabilityBlob, ``, sourcesOnly)
			s := f.login(t, nil)
			var q proto.Request
			blob, err := s.AddBlob(&q, account, "b0", "message/rfc822", []byte("hello"))
			require.NoError(t, err)
			f.api = func(w http.ResponseWriter, r *http.Request) {
				answer := strings.Replace(c.answer, `"c0"]`, `"`+q.MethodCalls[0].CallID+`"]`, 1)
				io.WriteString(w, `{"methodResponses":[`+answer+`],"sessionState":"s1"}`)
			}
			response, err := s.Do(t.Context(), &q)
			require.NoError(t, err)
			id, err := blob.ID(response)
			require.Equal(t, c.id, id)
			if c.id != "" {
				require.NoError(t, err)
			} else {
				require.Error(t, err)
			}
			if c.refused {
				require.ErrorIs(t, err, ErrNotUploaded)
			} else {
				require.NotErrorIs(t, err, ErrNotUploaded)
			}
			require.Equal(t, c.noMore, s.MaxInlineBlob(account) == 0)
		})
	}
}

// The capability is only of use where the session names it in "using".
func TestInlineBlobNeedsTheSessionCapability(t *testing.T) {
	f := newInlineServer(t, proto.CapabilityBlob, ``, sourcesOnly)
	var object map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(f.session), &object))
	var capabilities map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(object["capabilities"], &capabilities))
	require.Contains(t, capabilities, proto.CapabilityBlob)
	delete(capabilities, proto.CapabilityBlob)
	object["capabilities"], _ = json.Marshal(capabilities)
	text, _ := json.Marshal(object)
	f.session = string(text)
	require.Zero(t, f.login(t, nil).MaxInlineBlob(account))
}
