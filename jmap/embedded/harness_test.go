package embedded

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// client talks to a Store over HTTP on the loopback interface.
type client struct {
	t        testing.TB
	store    *Store
	url      string
	user     string
	password string
	account  string
	http     *http.Client
}

// openStore opens a Store with cheap password hashes in a new directory.
func openStore(t testing.TB, limits Limits) *Store {
	t.Helper()
	s, err := Open(Options{Dir: t.TempDir(), Limits: limits, HashIterations: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// newClient opens a Store with the accounts alice and bob and returns alice's client.
func newClient(t testing.TB, limits Limits) *client {
	t.Helper()
	s := openStore(t, limits)
	require.NoError(t, s.AddAccount("alice", "secret"))
	require.NoError(t, s.AddAccount("bob", "secret"))
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return clientFor(t, s, server.URL, "alice")
}

func clientFor(t testing.TB, s *Store, url, user string) *client {
	t.Helper()
	id, err := s.AccountID(user)
	require.NoError(t, err)
	return &client{t: t, store: s, url: url, user: user, password: "secret", account: id, http: http.DefaultClient}
}

func (c *client) do(method, path string, body io.Reader, header ...string) *http.Response {
	c.t.Helper()
	r, err := http.NewRequest(method, c.url+path, body)
	require.NoError(c.t, err)
	r.SetBasicAuth(c.user, c.password)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := c.http.Do(r)
	require.NoError(c.t, err)
	return response
}

func readAll(t testing.TB, r *http.Response) string {
	t.Helper()
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return string(b)
}

const usingMail = `"using":["urn:ietf:params:jmap:core","urn:ietf:params:jmap:mail","urn:ietf:params:jmap:blob"]`

// raw posts method calls; $A stands for the account id.
func (c *client) raw(calls string) *jmap.Response {
	c.t.Helper()
	calls = strings.ReplaceAll(calls, "$A", c.account)
	r := c.do("POST", pathAPI, strings.NewReader(`{`+usingMail+`,"methodCalls":[`+calls+`]}`), "Content-Type", "application/json")
	body := readAll(c.t, r)
	require.Equal(c.t, 200, r.StatusCode, body)
	response := new(jmap.Response)
	require.NoError(c.t, json.Unmarshal([]byte(body), response), body)
	return response
}

// call runs one method and returns its name and arguments as plain values.
func (c *client) call(method, args string) (string, map[string]any) {
	c.t.Helper()
	response := c.raw(fmt.Sprintf(`["%s",{"accountId":"$A"%s},"0"]`, method, comma(args)))
	require.Len(c.t, response.MethodResponses, 1)
	return response.MethodResponses[0].Name, plain(c.t, response.MethodResponses[0].Raw)
}

func comma(args string) string {
	if args == "" {
		return ""
	}
	return "," + args
}

// ok runs one method that must not fail.
func (c *client) ok(method, args string) map[string]any {
	c.t.Helper()
	name, result := c.call(method, args)
	require.Equal(c.t, method, name, "%v", result)
	return result
}

// fails runs one method that must fail, and returns the error type.
func (c *client) fails(method, args string) string {
	c.t.Helper()
	name, result := c.call(method, args)
	require.Equal(c.t, "error", name, "%v", result)
	return result["type"].(string)
}

func plain(t testing.TB, raw json.RawMessage) map[string]any {
	t.Helper()
	var m map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	require.NoError(t, d.Decode(&m))
	return m
}

// upload stores a blob and returns its id.
func (c *client) upload(octets string) string {
	c.t.Helper()
	r := c.do("POST", pathUpload+c.account+"/", strings.NewReader(octets), "Content-Type", "message/rfc822")
	body := readAll(c.t, r)
	require.Equal(c.t, 201, r.StatusCode, body)
	var response jmap.UploadResponse
	require.NoError(c.t, json.Unmarshal([]byte(body), &response))
	require.Equal(c.t, uint64(len(octets)), response.Size)
	return string(response.BlobID)
}

// mailbox returns the id of the Mailbox with a role.
func (c *client) mailbox(role string) string {
	c.t.Helper()
	result := c.ok("Mailbox/query", `"filter":{"role":"`+role+`"}`)
	require.Len(c.t, result["ids"], 1)
	return result["ids"].([]any)[0].(string)
}

// importMail uploads a message and imports it; args are further properties.
func (c *client) importMail(message, mailbox, args string) string {
	c.t.Helper()
	result := c.ok("Email/import", fmt.Sprintf(`"emails":{"k":{"blobId":"%s","mailboxIds":{"%s":true}%s}}`,
		c.upload(message), mailbox, comma(args)))
	require.NotNil(c.t, result["created"], "%v", result)
	return result["created"].(map[string]any)["k"].(map[string]any)["id"].(string)
}

// email fetches some properties of an Email.
func (c *client) email(id, properties string) map[string]any {
	c.t.Helper()
	result := c.ok("Email/get", fmt.Sprintf(`"ids":["%s"],"properties":%s`, id, properties))
	require.Len(c.t, result["list"], 1, "%v", result)
	return result["list"].([]any)[0].(map[string]any)
}

// state returns the state of a type.
func (c *client) state(typ string) string {
	c.t.Helper()
	return c.ok(typ+"/get", `"ids":[]`)["state"].(string)
}

// js makes a plain value of JSON.
func js(t testing.TB, text string) any {
	t.Helper()
	var v any
	require.NoError(t, json.Unmarshal([]byte(text), &v))
	return v
}

func message(subject, from, body string, fields ...string) string {
	extra := ""
	if len(fields) > 0 {
		extra = strings.Join(fields, "\r\n") + "\r\n"
	}
	return "From: " + from + "\r\nTo: bob@example.org\r\nSubject: " + subject + "\r\nDate: Mon, 02 Nov 2026 10:00:00 +0100\r\n" +
		extra + "\r\n" + body + "\r\n"
}

// clientOf talks to the Store without sockets.
func clientOf(s *Store) *http.Client { return &http.Client{Transport: s.Transport()} }
