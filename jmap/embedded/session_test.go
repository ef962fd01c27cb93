package embedded

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

func TestSession(t *testing.T) {
	c := newClient(t, Limits{MaxObjectsInGet: 17, MaxMailboxDepth: 3})
	r := c.do("GET", pathWellKnown, nil)
	require.Equal(t, 200, r.StatusCode)
	require.Contains(t, r.Header.Get("Cache-Control"), "no-store")
	var s jmap.Session
	require.NoError(t, json.Unmarshal([]byte(readAll(t, r)), &s))
	require.Equal(t, "alice", s.Username)
	require.Equal(t, c.url+pathAPI, s.APIURL)
	require.Equal(t, jmap.ID(c.account), s.PrimaryAccounts[jmap.CapabilityMail])
	require.Len(t, s.Accounts, 1)
	var core jmap.CoreCapability
	require.NoError(t, json.Unmarshal(s.Capabilities[jmap.CapabilityCore], &core))
	require.Equal(t, uint64(17), core.MaxObjectsInGet)
	var mail jmap.MailCapability
	require.NoError(t, json.Unmarshal(s.Accounts[jmap.ID(c.account)].AccountCapabilities[jmap.CapabilityMail], &mail))
	require.Equal(t, uint64(3), *mail.MaxMailboxDepth)
	require.NotContains(t, s.Capabilities, jmap.CapabilitySubmission)
	require.Equal(t, s.State, c.raw(`["Core/echo",{},"0"]`).SessionState)

	require.NoError(t, c.store.Share("bob", "alice"))
	require.NotEqual(t, s.State, c.raw(`["Core/echo",{},"0"]`).SessionState)
	require.NoError(t, json.Unmarshal([]byte(readAll(t, c.do("GET", pathSession, nil))), &s))
	require.Len(t, s.Accounts, 2)
}

func TestAuthentication(t *testing.T) {
	c := newClient(t, Limits{})
	for _, credentials := range [][2]string{{"alice", "wrong"}, {"nobody", "secret"}, {"", ""}, {"alice", ""}} {
		c.user, c.password = credentials[0], credentials[1]
		r := c.do("GET", pathSession, nil)
		require.Equal(t, 401, r.StatusCode)
		require.Contains(t, r.Header.Get("WWW-Authenticate"), "Basic")
		require.Equal(t, "application/problem+json", r.Header.Get("Content-Type"))
		readAll(t, r)
	}
	r, err := http.Get(c.url + pathSession)
	require.NoError(t, err)
	require.Equal(t, 401, r.StatusCode)
	readAll(t, r)

	c.user, c.password = "alice", "secret"
	require.Equal(t, 200, c.do("GET", pathSession, nil).StatusCode)
	require.NoError(t, c.store.SetPassword("alice", "new"))
	require.Equal(t, 401, c.do("GET", pathSession, nil).StatusCode)
	c.password = "new"
	require.Equal(t, 200, c.do("GET", pathSession, nil).StatusCode)
}

func TestRoutes(t *testing.T) {
	c := newClient(t, Limits{})
	require.Equal(t, 404, c.do("GET", "/", nil).StatusCode)
	require.Equal(t, 405, c.do("GET", pathAPI, nil).StatusCode)
	require.Equal(t, 405, c.do("DELETE", pathSession, nil).StatusCode)
}

// The errors of RFC 8620 section 3.6.1.
func TestRequestErrors(t *testing.T) {
	c := newClient(t, Limits{MaxCallsInRequest: 2, MaxSizeRequest: 20_000})
	echo := `["Core/echo",{},"0"]`
	for name, test := range map[string]struct{ body, contentType, want, limit string }{
		"no JSON":          {"hello", "application/json", "notJSON", ""},
		"not UTF-8":        {"{\"a\":\"\xff\"}", "application/json", "notJSON", ""},
		"high surrogate":   {`{` + usingMail + `,"methodCalls":[["Core/echo",{"a":"\ud83d"},"0"]]}`, "application/json", "notJSON", ""},
		"low surrogate":    {`{` + usingMail + `,"methodCalls":[["Core/echo",{"\ude00":1},"0"]]}`, "application/json", "notJSON", ""},
		"two high ones":    {`{` + usingMail + `,"methodCalls":[["Core/echo",{"a":"\ud83d\ud83d\ude00"},"0"]]}`, "application/json", "notJSON", ""},
		"wrong order":      {`{` + usingMail + `,"methodCalls":[["Core/echo",{"a":"\ude00\ud83d"},"0"]]}`, "application/json", "notJSON", ""},
		"duplicate name":   {`{"using":[],"using":[],"methodCalls":[]}`, "application/json", "notJSON", ""},
		"wrong type":       {`{` + usingMail + `,"methodCalls":[]}`, "text/plain", "notJSON", ""},
		"no type":          {`{` + usingMail + `,"methodCalls":[]}`, "", "notJSON", ""},
		"trailing":         {`{` + usingMail + `,"methodCalls":[]}{}`, "application/json", "notJSON", ""},
		"deep":             {strings.Repeat("[", 10_000) + strings.Repeat("]", 9_000), "application/json", "notJSON", ""},
		"array":            {`[]`, "application/json", "notRequest", ""},
		"no calls":         {`{` + usingMail + `}`, "application/json", "notRequest", ""},
		"call of two":      {`{` + usingMail + `,"methodCalls":[["Core/echo",{}]]}`, "application/json", "notRequest", ""},
		"arguments a list": {`{` + usingMail + `,"methodCalls":[["Core/echo",[],"0"]]}`, "application/json", "notRequest", ""},
		"capability":       {`{"using":["urn:example:x"],"methodCalls":[]}`, "application/json", "unknownCapability", ""},
		"calls":            {`{` + usingMail + `,"methodCalls":[` + echo + `,` + echo + `,` + echo + `]}`, "application/json", "limit", "maxCallsInRequest"},
		"size":             {`{` + usingMail + `,"methodCalls":[]` + strings.Repeat(" ", 20_000) + `}`, "application/json", "limit", "maxSizeRequest"},
	} {
		t.Run(name, func(t *testing.T) {
			r := c.do("POST", pathAPI, strings.NewReader(test.body), "Content-Type", test.contentType)
			require.GreaterOrEqual(t, r.StatusCode, 400)
			require.Less(t, r.StatusCode, 500)
			require.Equal(t, "application/problem+json", r.Header.Get("Content-Type"))
			var p jmap.RequestError
			require.NoError(t, json.Unmarshal([]byte(readAll(t, r)), &p))
			require.Equal(t, "urn:ietf:params:jmap:error:"+test.want, string(p.Type))
			require.Equal(t, test.limit, p.Limit)
			require.Equal(t, r.StatusCode, p.Status)
		})
	}
}

// The errors of RFC 8620 section 3.6.2, and echo of section 4.
func TestMethodErrors(t *testing.T) {
	c := newClient(t, Limits{})
	for _, test := range []struct{ name, args, want string }{
		{"Email/nothing", "{}", "unknownMethod"},
		{"EmailSubmission/get", `{"accountId":"$A","ids":null}`, "unknownMethod"},
		{"Mailbox/get", `{}`, "invalidArguments"},
		{"Mailbox/get", `{"accountId":"$A","ids":"x"}`, "invalidArguments"},
		{"Mailbox/get", `{"accountId":"$A","ids":[],"unheardOf":1}`, "invalidArguments"},
		{"Mailbox/get", `{"accountId":"$A","ids":[],"properties":["colour"]}`, "invalidArguments"},
		{"Mailbox/get", `{"accountId":"nobody","ids":[]}`, "accountNotFound"},
		{"Mailbox/get", `{"accountId":"$A","#ids":{"resultOf":"x","name":"Mailbox/query","path":"/ids"}}`, "invalidResultReference"},
		{"Mailbox/get", `{"accountId":"$A","ids":[],"#ids":{"resultOf":"x","name":"y","path":"/ids"}}`, "invalidArguments"},
		{"Mailbox/changes", `{"accountId":"$A","sinceState":"99999"}`, "cannotCalculateChanges"},
		{"Mailbox/changes", `{"accountId":"$A","sinceState":"1","maxChanges":0}`, "invalidArguments"},
		{"Email/changes", `{"accountId":"$A","sinceState":"-1"}`, "cannotCalculateChanges"},
		{"Email/changes", `{"accountId":"$A","sinceState":"x"}`, "cannotCalculateChanges"},
		{"Email/query", `{"accountId":"$A","sort":[{"property":"colour"}]}`, "unsupportedSort"},
		{"Email/query", `{"accountId":"$A","sort":[{"property":"subject","collation":"i;klingon"}]}`, "unsupportedSort"},
		{"Email/query", `{"accountId":"$A","sort":[{"property":"hasKeyword"}]}`, "invalidArguments"},
		{"Email/query", `{"accountId":"$A","filter":{"colour":"red"}}`, "unsupportedFilter"},
		{"Email/query", `{"accountId":"$A","filter":{"inMailbox":"m99"}}`, "invalidArguments"},
		{"Email/query", `{"accountId":"$A","filter":{"header":[]}}`, "invalidArguments"},
		{"Email/query", `{"accountId":"$A","filter":{"operator":"XOR","conditions":[]}}`, "invalidArguments"},
		{"Email/query", `{"accountId":"$A","anchor":"e1"}`, "anchorNotFound"},
		{"Email/get", `{"accountId":"$A","ids":[],"properties":["header:From:asDate"]}`, "invalidArguments"},
		{"Email/set", `{"accountId":"$A","ifInState":"other"}`, "stateMismatch"},
		{"Mailbox/set", `{"accountId":"$A","ifInState":"other"}`, "stateMismatch"},
		{"Email/import", `{"accountId":"$A","ifInState":"other","emails":{}}`, "stateMismatch"},
		{"Email/copy", `{"accountId":"$A","fromAccountId":"$A","create":{}}`, "invalidArguments"},
		{"Email/copy", `{"accountId":"$A","fromAccountId":"nobody","create":{}}`, "fromAccountNotFound"},
		{"Blob/copy", `{"accountId":"$A","fromAccountId":"nobody","blobIds":[]}`, "fromAccountNotFound"},
	} {
		response := c.raw(`["` + test.name + `",` + test.args + `,"7"]`)
		require.Len(t, response.MethodResponses, 1)
		got := response.MethodResponses[0]
		require.Equal(t, "error", got.Name, "%s %s: %s", test.name, test.args, got.Raw)
		require.Equal(t, test.want, plain(t, got.Raw)["type"], "%s %s: %s", test.name, test.args, got.Raw)
		require.Equal(t, "7", got.CallID)
	}
	response := c.raw(`["Core/echo",{"hello":true,"high":5},"b3ff"]`)
	require.JSONEq(t, `["Core/echo",{"hello":true,"high":5},"b3ff"]`, string(must(response.MethodResponses[0].MarshalJSON())))
}

// A character in two escapes is one, and what looks like an escape behind a backslash is none.
func TestSurrogatePairs(t *testing.T) {
	c := newClient(t, Limits{})
	response := c.raw(`["Core/echo",{"a":"\ud83d\ude00 \\ud83d \u00e9\\"},"0"]`)
	require.Equal(t, map[string]any{"a": "😀 \\ud83d é\\"}, plain(t, response.MethodResponses[0].Raw))
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// Methods of a capability that is not in using do not exist.
func TestUsing(t *testing.T) {
	c := newClient(t, Limits{})
	r := c.do("POST", pathAPI, strings.NewReader(`{"using":["urn:ietf:params:jmap:core"],"methodCalls":[["Mailbox/get",{"accountId":"`+c.account+`","ids":null},"0"]]}`), "Content-Type", "application/json")
	require.Contains(t, readAll(t, r), "unknownMethod")
}

func TestAccountIsolation(t *testing.T) {
	c := newClient(t, Limits{})
	bob := clientFor(t, c.store, c.url, "bob")
	response := c.raw(`["Mailbox/get",{"accountId":"` + bob.account + `","ids":null},"0"]`)
	require.Equal(t, "accountNotFound", plain(t, response.MethodResponses[0].Raw)["type"])
	blob := bob.upload("Subject: x\r\n\r\nbob's")
	require.Equal(t, 404, c.do("GET", pathDownload+bob.account+"/"+blob+"/x", nil).StatusCode)
	require.Equal(t, 404, c.do("GET", pathDownload+c.account+"/"+blob+"/x", nil).StatusCode)
	require.Equal(t, 404, c.do("POST", pathUpload+bob.account+"/", strings.NewReader("x")).StatusCode)
	result := c.ok("Email/import", `"emails":{"k":{"blobId":"`+blob+`","mailboxIds":{"`+c.mailbox("inbox")+`":true}}}`)
	require.Contains(t, result["notCreated"], "k")
}

func TestClosed(t *testing.T) {
	s, err := Open(Options{Dir: t.TempDir(), HashIterations: 1})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", pathSession, nil))
	require.Equal(t, 503, w.Code)
}
