package embedded

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// names are the names of the responses, with the type for an error.
func (c *client) names(calls ...string) []string {
	c.t.Helper()
	var names []string
	for _, m := range c.raw(strings.Join(calls, ",")).MethodResponses {
		name := m.Name
		if name == "error" {
			name = plain(c.t, m.Raw)["type"].(string)
		}
		names = append(names, name)
	}
	return names
}

// echoes is a call of Core/echo whose arguments are n times what a path leads to in the response to another.
func echoes(n int, of, path, id string) string {
	var args []string
	for i := range n {
		args = append(args, fmt.Sprintf(`"#a%d":{"resultOf":%q,"name":"Core/echo","path":%q}`, i, of, path))
	}
	return fmt.Sprintf(`["Core/echo",{%s},%q]`, strings.Join(args, ","), id)
}

// Results that later calls refer to do not grow without bounds.
func TestReferencesAreBounded(t *testing.T) {
	c := newClient(t, Limits{MaxSizeRequest: 1_000_000, MaxSizeResponse: 3_000_000, MaxSizeRead: 5_000_000})
	first := fmt.Sprintf(`["Core/echo",{"a":%q},"0"]`, strings.Repeat("x", 100_000))
	require.Equal(t, []string{"Core/echo", "Core/echo", "Core/echo", "Core/echo", "requestTooLarge", "invalidResultReference"}, c.names(
		first, echoes(2, "0", "", "1"), echoes(2, "1", "", "2"), echoes(2, "2", "", "3"), echoes(2, "3", "", "4"), echoes(2, "4", "", "5"),
	))
	require.Equal(t, []string{"Core/echo", "Core/echo", "invalidArguments"}, c.names(`["Core/echo",{},"0"]`,
		echoes(maxReferences, "0", "", "1"), echoes(maxReferences+1, "0", "", "2")))

	looks := []string{first}
	for i := range 60 {
		looks = append(looks, echoes(1, "0", "/b", fmt.Sprint(i)))
	}
	names := c.names(looks...)
	require.Equal(t, "invalidResultReference", names[1])
	require.Equal(t, "requestTooLarge", names[60], "to look for nothing costs, too")

	c = newClient(t, Limits{})
	list := fmt.Sprintf(`["Core/echo",{"a":[%s]},"0"]`, strings.TrimSuffix(strings.Repeat("1,", maxStepped/2), ","))
	require.Equal(t, []string{"Core/echo", "Core/echo", "requestTooLarge", "requestTooLarge"},
		c.names(list, echoes(1, "0", "/a", "1"), echoes(1, "0", "/a/*", "2"), echoes(1, "0", "/a/7", "3")))
	brackets := fmt.Sprintf(`["Core/echo",{"a":[%s]},"0"]`, strings.TrimSuffix(strings.Repeat("[],", maxContainers/2), ","))
	require.Equal(t, []string{"Core/echo", "Core/echo", "requestTooLarge"},
		c.names(brackets, echoes(1, "0", "/a", "1"), echoes(3, "0", "/a", "2")))
}

// All responses to a request together are bounded. What was changed is told even so.
func TestResponseIsBounded(t *testing.T) {
	c := newClient(t, Limits{MaxSizeResponse: 10_000})
	inbox := c.mailbox("inbox")
	id := c.importMail(message("s", "a@example.org", "x"), inbox, "")
	big := fmt.Sprintf(`["Core/echo",{"a":%q},"0"]`, strings.Repeat("x", 9_900))
	require.Equal(t, []string{"Core/echo", "requestTooLarge", "requestTooLarge", "Email/set"}, c.names(big, big,
		fmt.Sprintf(`["Email/get",{"accountId":"$A","ids":[%q]},"1"]`, id),
		fmt.Sprintf(`["Email/set",{"accountId":"$A","update":{%q:{"keywords/$flagged":true}}},"2"]`, id),
	))
	require.Equal(t, map[string]any{"$flagged": true}, c.email(id, `["keywords"]`)["keywords"])
}

// An empty object takes two octets in a request, but hundreds as a record.
func TestRequestOfManyObjects(t *testing.T) {
	c := newClient(t, Limits{})
	for n, want := range map[int]int{maxContainers / 2: 200, maxContainers: 413} {
		r := c.do("POST", pathAPI, strings.NewReader(`{`+usingMail+`,"methodCalls":[["Core/echo",{"a":[`+
			strings.TrimSuffix(strings.Repeat("{},", n), ",")+`]},"0"]]}`), "Content-Type", "application/json")
		text := readAll(t, r)
		require.Equal(t, want, r.StatusCode, "%.200s", text)
		if want != 200 {
			require.Contains(t, text, "maxSizeRequest")
		}
	}
	require.Equal(t, 3, containers([]byte(`{"{[\"{[\\":["{",{}]}`)))
}

// Whatever a message is made of, the record of it is not made further than the response may be long.
func TestRecordsAreBounded(t *testing.T) {
	c := newClient(t, Limits{MaxSizeResponse: 60_000, MaxSizeRead: 3_000_000})
	inbox := c.mailbox("inbox")
	many := func(n int, s string) string { return strings.Repeat(s, n) }
	multipart := func(n int) string {
		return "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + many(n, "--x\r\nX-A: b\r\n\r\nhi\r\n") + "--x--\r\n"
	}
	encoded := func(n int, charset string) string {
		return "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=" + charset + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + many(n, "YWJjZGVm\r\n")
	}
	for name, test := range map[string]struct {
		make func(n int) string
		n    int // fits; ten times as many do not
		args string
	}{
		"text":        {func(n int) string { return message("s", "a@b", many(n, "0123456789\r\n")) }, 4000, `"properties":["bodyValues"],"fetchAllBodyValues":true`},
		"escapes":     {func(n int) string { return message("s", "a@b", many(n, "\x01\x01\x01\x01")) }, 1500, `"properties":["bodyValues"],"fetchAllBodyValues":true`},
		"base64":      {func(n int) string { return encoded(n, "utf-8") }, 5000, `"properties":["bodyValues"],"fetchTextBodyValues":true`},
		"markup":      {func(n int) string { return "Content-Type: text/html\r\n\r\n<" + many(n, "0123456789") }, 4000, `"properties":["bodyValues"],"fetchHTMLBodyValues":true`},
		"parts":       {multipart, 50, `"properties":["bodyStructure"]`},
		"attachments": {multipart, 50, `"properties":["attachments","textBody"]`},
		"part fields": {multipart, 20, `"properties":["bodyStructure"],"bodyProperties":["headers","header:X-A:all","header:X-B","subParts"]`},
		"fields":      {func(n int) string { return many(n, "X-A: <\r\n") + "\r\nx" }, 200, `"properties":["headers"]`},
		"all fields":  {func(n int) string { return many(n, "X-A: <\r\n") + "\r\nx" }, 200, `"properties":["header:X-A:all"]`},
		"one field":   {func(n int) string { return "X-A: " + many(n, "<<<<<<<<\r\n ") + "\r\n\r\nx" }, 400, `"properties":["header:X-A","header:X-A:asText"]`},
		"addresses":   {func(n int) string { return "To: x@example.org" + many(n, ",\r\n y@example.org") + "\r\n\r\nx" }, 500, `"properties":["to"]`},
	} {
		fits, long := c.upload(test.make(test.n)), c.upload(test.make(10*test.n))
		small, large := c.importMail(test.make(test.n), inbox, ""), c.importMail(test.make(10*test.n), inbox, "")
		got := c.ok("Email/get", fmt.Sprintf(`"ids":[%q],%s`, small, test.args))
		require.Len(t, got["list"], 1, name)
		require.Equal(t, "requestTooLarge", c.fails("Email/get", fmt.Sprintf(`"ids":[%q],%s`, large, test.args)), name)
		parsed := c.ok("Email/parse", fmt.Sprintf(`"blobIds":[%q],%s`, fits, test.args))["parsed"].(map[string]any)[fits]
		require.NotNil(t, parsed, name)
		want := got["list"].([]any)[0].(map[string]any)
		delete(want, "id")
		require.Equal(t, want, parsed, name)
		require.Equal(t, "requestTooLarge", c.fails("Email/parse", fmt.Sprintf(`"blobIds":[%q],%s`, long, test.args)), name)
	}
	one := c.importMail(message("s", "a@b", many(25_000, "0123456789\r\n")), inbox, "")
	cut := fmt.Sprintf(`["Email/get",{"accountId":"$A","ids":[%q],"properties":["bodyValues"],"fetchAllBodyValues":true,"maxBodyValueBytes":10},"0"]`, one)
	var calls, want []string
	for i := range 12 {
		calls, want = append(calls, cut), append(want, "Email/get")
		if i >= 9 {
			want[i] = "requestTooLarge" // as ten times this message is more than may be read
		}
	}
	require.Equal(t, want, c.names(calls...))
	headers := many(maxNamedHeaders, `"header:X-A",`)
	c.ok("Email/get", `"ids":[],"properties":[`+strings.TrimSuffix(headers, ",")+`]`)
	require.Equal(t, "invalidArguments", c.fails("Email/get", `"ids":[],"properties":[`+headers+`"header:X-B"]`))
	require.Equal(t, "invalidArguments", c.fails("Email/get", `"ids":[],"bodyProperties":[`+headers+`"header:X-B"]`))
}

// Messages whose headers are made into records are not read without end, and nothing is done when there are too many.
func TestHeadersOfManyMessagesAreBounded(t *testing.T) {
	c := newClient(t, Limits{MaxSizeResponse: 60_000})
	inbox := c.mailbox("inbox")
	blob := c.upload("To: x@example.org" + strings.Repeat(",\r\n y@example.org", 300) + "\r\n\r\nx")
	imports := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(`"k%d":{"blobId":%q,"mailboxIds":{%q:true}}`, i, blob, inbox))
		}
		return `"emails":{` + strings.Join(list, ",") + `}`
	}
	require.Len(t, c.ok("Email/import", imports(3))["created"], 3)
	require.Equal(t, "requestTooLarge", c.fails("Email/import", imports(30)))
	require.Len(t, c.ok("Email/query", "")["ids"], 3)
	for range 9 {
		c.ok("Email/import", imports(3))
	}

	require.NoError(t, c.store.Share("alice", "bob"))
	bob := clientFor(t, c.store, c.url, "bob")
	copies := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(`"k%d":{"id":"e%d","mailboxIds":{%q:true}}`, i, i+1, bob.mailbox("inbox")))
		}
		return fmt.Sprintf(`"fromAccountId":%q,"create":{%s}`, c.account, strings.Join(list, ","))
	}
	require.Len(t, bob.ok("Email/copy", copies(3))["created"], 3)
	require.Equal(t, "requestTooLarge", bob.fails("Email/copy", copies(30)))
	require.Len(t, bob.ok("Email/query", "")["ids"], 3)
}

// Attachments that are too large together are not read, and those that are not are never in memory together.
func TestAttachmentsAreBounded(t *testing.T) {
	c := newClient(t, Limits{MaxSizeAttachmentsPerEmail: 1_000_000, MaxSizeRead: 5_000_000})
	octets := strings.Repeat("0123456789", 10_000)
	blob := c.upload(octets)
	attach := func(key, blob string, n int) string {
		return fmt.Sprintf(`%q:{"mailboxIds":{%q:true},"attachments":[%s]}`, key, c.mailbox("drafts"),
			strings.TrimSuffix(strings.Repeat(fmt.Sprintf(`{"blobId":%q,"type":"application/octet-stream"},`, blob), n), ","))
	}
	got := c.ok("Email/set", `"create":{`+attach("a", blob, 10)+`,`+attach("b", blob, 5000)+`}`)
	made := got["created"].(map[string]any)["a"].(map[string]any)
	require.Equal(t, "tooLarge", got["notCreated"].(map[string]any)["b"].(map[string]any)["type"])

	part := c.email(made["id"].(string), `["attachments"]`)["attachments"].([]any)[9].(map[string]any)["blobId"].(string)
	status, body := c.download(part)
	require.Equal(t, 200, status)
	require.Equal(t, octets, body)
	r := c.do("GET", pathDownload+c.account+"/"+part+"/x", nil, "Range", "bytes=99995-")
	require.Equal(t, 206, r.StatusCode)
	require.Equal(t, "56789", readAll(t, r))
	got = c.ok("Email/set", `"create":{`+attach("a", part, 1)+`}`)
	again := c.email(got["created"].(map[string]any)["a"].(map[string]any)["id"].(string), `["attachments"]`)["attachments"].([]any)
	_, body = c.download(again[0].(map[string]any)["blobId"].(string))
	require.Equal(t, octets, body)
	require.Equal(t, "requestTooLarge", c.fails("Email/set", `"create":{`+attach("a", part, 9)+`}`), "each time the whole message is read")
}
