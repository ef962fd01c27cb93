package embedded

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const multipartMail = "From: \"Smythe, James\" <james@example.com>\r\n" +
	"To: =?UTF-8?Q?John_Sm=C3=AEth?= <john@example.com>, Friends: jane@example.com;\r\n" +
	"Subject: =?UTF-8?Q?Caf=C3=A9?= menu\r\n" +
	"Date: Thu, 30 Oct 2014 14:12:00 +0800\r\n" +
	"Message-ID: <menu@example.com>\r\nReferences: <one@example.com> <two@example.com>\r\n" +
	"X-Twice: first\r\nx-twice: second\r\nList-Post: <mailto:list@example.com>\r\n" +
	"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\n" +
	"--outer\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n" +
	"--inner\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Language: de, en\r\n\r\nK=E4se for lunch\r\n" +
	"--inner\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>K\u00e4se for <b>lunch</b></p>\r\n--inner--\r\n" +
	"--outer\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"menu.pdf\"\r\nContent-ID: <pdf@example.com>\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--outer--\r\n"

func TestEmailGet(t *testing.T) {
	c := newClient(t, Limits{})
	inbox := c.mailbox("inbox")
	id := c.importMail(multipartMail, inbox, `"receivedAt":"2020-01-02T03:04:05Z","keywords":{"$Seen":true,"Custom":true}`)
	e := c.ok("Email/get", `"ids":["`+id+`","`+id+`","e999","bad id"],"fetchAllBodyValues":true`)
	require.Len(t, e["list"], 1)
	require.ElementsMatch(t, []any{"e999", "bad id"}, e["notFound"])
	m := e["list"].([]any)[0].(map[string]any)
	require.Equal(t, id, m["id"])
	require.Equal(t, map[string]any{inbox: true}, m["mailboxIds"])
	require.Equal(t, map[string]any{"$seen": true, "custom": true}, m["keywords"])
	require.EqualValues(t, len(multipartMail), m["size"])
	require.Equal(t, "2020-01-02T03:04:05Z", m["receivedAt"])
	require.Equal(t, "2014-10-30T14:12:00+08:00", m["sentAt"])
	require.Equal(t, "Café menu", m["subject"])
	require.Equal(t, js(t, `[{"name":"Smythe, James","email":"james@example.com"}]`), m["from"])
	require.Equal(t, js(t, `[{"name":"John Smîth","email":"john@example.com"},{"name":null,"email":"jane@example.com"}]`), m["to"])
	require.Equal(t, js(t, `["one@example.com","two@example.com"]`), m["references"])
	require.Nil(t, m["cc"])
	require.Contains(t, m, "cc")
	require.Nil(t, m["inReplyTo"])
	require.Equal(t, true, m["hasAttachment"])
	require.Equal(t, "Käse for lunch", m["preview"])
	require.NotContains(t, m, "headers")
	require.NotContains(t, m, "bodyStructure")
	text := m["textBody"].([]any)[0].(map[string]any)
	require.Equal(t, "text/plain", text["type"])
	require.Equal(t, "iso-8859-1", text["charset"])
	require.Equal(t, []any{"de", "en"}, text["language"])
	require.NotContains(t, text, "subParts")
	values := m["bodyValues"].(map[string]any)
	require.Len(t, values, 2)
	require.Equal(t, js(t, `{"value":"Käse for lunch","isEncodingProblem":false,"isTruncated":false}`), values[text["partId"].(string)])
	pdf := m["attachments"].([]any)[0].(map[string]any)
	require.Equal(t, "menu.pdf", pdf["name"])
	require.Equal(t, "pdf@example.com", pdf["cid"])
	require.Equal(t, "attachment", pdf["disposition"])
	require.EqualValues(t, 5, pdf["size"])
	require.Equal(t, "%PDF-", readAll(t, c.do("GET", pathDownload+c.account+"/"+pdf["blobId"].(string)+"/menu.pdf", nil)))
	require.Equal(t, multipartMail, readAll(t, c.do("GET", pathDownload+c.account+"/"+m["blobId"].(string)+"/m.eml", nil)))
}

func TestEmailGetBody(t *testing.T) {
	c := newClient(t, Limits{})
	id := c.importMail(multipartMail, c.mailbox("inbox"), "")
	get := func(args string) map[string]any {
		return c.ok("Email/get", `"ids":["`+id+`"],`+args)["list"].([]any)[0].(map[string]any)
	}
	m := get(`"properties":["bodyStructure"],"bodyProperties":["type","partId","blobId","subParts","header:Content-Language","headers"]`)
	require.ElementsMatch(t, []string{"id", "bodyStructure"}, keysOf(m))
	root := m["bodyStructure"].(map[string]any)
	require.Equal(t, "multipart/mixed", root["type"])
	require.Nil(t, root["partId"])
	require.Nil(t, root["blobId"])
	require.Nil(t, root["header:Content-Language"])
	require.Len(t, root["subParts"], 2)
	leaf := root["subParts"].([]any)[0].(map[string]any)["subParts"].([]any)[0].(map[string]any)
	require.Equal(t, " de, en", leaf["header:Content-Language"])
	require.Equal(t, "1.1", leaf["partId"])
	require.Equal(t, js(t, `{"name":"Content-Language","value":" de, en"}`), leaf["headers"].([]any)[2])
	require.Nil(t, leaf["subParts"])

	require.Empty(t, get(`"properties":["bodyValues"]`)["bodyValues"])
	require.Len(t, get(`"properties":["bodyValues"],"fetchTextBodyValues":true`)["bodyValues"], 1)
	html := get(`"properties":["bodyValues"],"fetchHTMLBodyValues":true,"maxBodyValueBytes":5`)["bodyValues"].(map[string]any)
	require.Equal(t, js(t, `{"value":"<p>K","isEncodingProblem":false,"isTruncated":true}`), html["1.2"])
}

func keysOf(m map[string]any) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}

// The forms of RFC 8621 section 4.1.2 and the properties of section 4.1.3.
func TestHeaderProperties(t *testing.T) {
	c := newClient(t, Limits{})
	id := c.importMail(multipartMail, c.mailbox("inbox"), "")
	for property, want := range map[string]string{
		"header:Subject":                  `" =?UTF-8?Q?Caf=C3=A9?= menu"`,
		"header:subject:asText":           `"Café menu"`,
		"header:x-TWICE":                  `" second"`,
		"header:X-Twice:all":              `[" first"," second"]`,
		"header:X-Twice:asText:all":       `["first","second"]`,
		"header:X-None":                   `null`,
		"header:X-None:all":               `[]`,
		"header:From:asAddresses":         `[{"name":"Smythe, James","email":"james@example.com"}]`,
		"header:To:asGroupedAddresses":    `[{"name":null,"addresses":[{"name":"John Smîth","email":"john@example.com"}]},{"name":"Friends","addresses":[{"name":null,"email":"jane@example.com"}]}]`,
		"header:References:asMessageIds":  `["one@example.com","two@example.com"]`,
		"header:Date:asDate":              `"2014-10-30T14:12:00+08:00"`,
		"header:X-Twice:asDate":           `null`,
		"header:List-Post:asURLs":         `["mailto:list@example.com"]`,
		"header:X-Twice:asMessageIds":     `null`,
		"header:In-Reply-To:asMessageIds": `null`,
	} {
		m := c.email(id, fmt.Sprintf("[%q]", property))
		require.Contains(t, m, property)
		require.Equal(t, js(t, want), m[property], property)
	}
	headers := c.email(id, `["headers"]`)["headers"].([]any)
	require.Len(t, headers, 11)
	require.Equal(t, js(t, `{"name":"x-twice","value":" second"}`), headers[7])
	for _, property := range []string{"header:From:asText", "header:Subject:asAddresses", "header:Received:asText", "header:", "header:X:asNothing", "header:X:all:asText"} {
		require.Equal(t, "invalidArguments", c.fails("Email/get", fmt.Sprintf(`"ids":[],"properties":[%q]`, property)), property)
	}
}

func TestEmailImport(t *testing.T) {
	c := newClient(t, Limits{MaxMailboxesPerEmail: 2, MaxKeywordsPerEmail: 3, MaxObjectsInSet: 3})
	inbox, junk, sent := c.mailbox("inbox"), c.mailbox("junk"), c.mailbox("sent")
	blob := c.upload("Received: by x; Tue, 01 Jan 2019 00:00:00 +0000\r\nReceived: by y; Mon, 01 Jan 2018 00:00:00 +0000\r\nSubject: s\r\n\r\nb")
	old := c.state("Email")
	result := c.ok("Email/import", fmt.Sprintf(`"emails":{"a":{"blobId":"%s","mailboxIds":{"%s":true}},"b":{"blobId":"%s","mailboxIds":{"%s":true}}}`, blob, inbox, blob, inbox))
	require.Equal(t, old, result["oldState"])
	require.Equal(t, c.state("Email"), result["newState"])
	created := result["created"].(map[string]any)
	a, b := created["a"].(map[string]any), created["b"].(map[string]any)
	require.ElementsMatch(t, []string{"id", "blobId", "threadId", "size"}, keysOf(a))
	// The same message twice is two Emails.
	require.NotEqual(t, a["id"], b["id"])
	require.Equal(t, blob, a["blobId"])
	require.Equal(t, "2019-01-01T00:00:00Z", c.email(a["id"].(string), `["receivedAt"]`)["receivedAt"])

	for args, want := range map[string]string{
		`{}`:                        "invalidProperties",
		`{"blobId":"` + blob + `"}`: "invalidProperties",
		`{"blobId":"` + blob + `","mailboxIds":{}}`:                                                                      "invalidProperties",
		`{"blobId":"` + blob + `","mailboxIds":{"m99":true}}`:                                                            "invalidProperties",
		`{"blobId":"` + blob + `","mailboxIds":{"` + inbox + `":false}}`:                                                 "invalidProperties",
		`{"blobId":"` + blob + `","mailboxIds":"` + inbox + `"}`:                                                         "invalidProperties",
		`{"blobId":"none","mailboxIds":{"` + inbox + `":true}}`:                                                          "invalidProperties",
		`{"blobId":"` + blob + `","mailboxIds":{"` + inbox + `":true},"keywords":{"a b":true}}`:                          "invalidProperties",
		`{"blobId":"` + blob + `","mailboxIds":{"` + inbox + `":true},"colour":1}`:                                       "invalidProperties",
		`{"blobId":"` + blob + `","mailboxIds":{"` + inbox + `":true},"receivedAt":"yesterday"}`:                         "invalidProperties",
		`{"blobId":"` + c.upload("") + `","mailboxIds":{"` + inbox + `":true}}`:                                          "invalidEmail",
		`{"blobId":"` + blob + `","mailboxIds":{"` + inbox + `":true,"` + junk + `":true,"` + sent + `":true}}`:          "tooManyMailboxes",
		`{"blobId":"` + blob + `","mailboxIds":{"` + inbox + `":true},"keywords":{"a":true,"b":true,"c":true,"d":true}}`: "tooManyKeywords",
	} {
		e := c.refusal("Email/import", `"emails":{"k":`+args+`}`)
		require.Equal(t, want, e["type"], args)
	}
	require.Equal(t, result["newState"], c.state("Email"))
	four := strings.TrimSuffix(strings.Repeat(`"%d":{},`, 4), ",")
	require.Equal(t, "requestTooLarge", c.fails("Email/import", `"emails":{`+fmt.Sprintf(four, 1, 2, 3, 4)+`}`))
	// Bare line feeds, NULs and mail without a header are kept as they are.
	for _, odd := range []string{"Subject: odd\nX: \x00\xff\n\nbody\n", "no header\r\n", "\r\nall body\r\n"} {
		id := c.importMail(odd, inbox, "")
		require.Equal(t, odd, readAll(t, c.do("GET", pathDownload+c.account+"/"+c.email(id, `["blobId"]`)["blobId"].(string)+"/x", nil)))
	}
}

func TestEmailUpdate(t *testing.T) {
	c := newClient(t, Limits{MaxKeywordsPerEmail: 4, MaxMailboxesPerEmail: 2})
	inbox, junk, sent := c.mailbox("inbox"), c.mailbox("junk"), c.mailbox("sent")
	id := c.importMail(message("s", "a@example.org", "b"), inbox, "")
	update := func(patch string) { t.Helper(); c.ok("Email/set", `"update":{"`+id+`":`+patch+`}`) }
	get := func() (keywords, boxes any) {
		m := c.email(id, `["keywords","mailboxIds"]`)
		return m["keywords"], m["mailboxIds"]
	}
	result := c.ok("Email/set", `"update":{"`+id+`":{"keywords/$Seen":true,"keywords/$flagged":true}}`)
	require.Equal(t, map[string]any{id: nil}, result["updated"])
	require.Nil(t, result["created"])
	require.Nil(t, result["destroyed"])
	update(`{"keywords/$flagged":null,"keywords/absent":null}`)
	k, _ := get()
	require.Equal(t, js(t, `{"$seen":true}`), k)
	update(`{"keywords":{"A":true},"mailboxIds":{"` + junk + `":true}}`)
	k, b := get()
	require.Equal(t, js(t, `{"a":true}`), k)
	require.Equal(t, map[string]any{junk: true}, b)
	update(`{"mailboxIds/` + inbox + `":true,"mailboxIds/` + junk + `":null}`)
	_, b = get()
	require.Equal(t, map[string]any{inbox: true}, b)

	// What changes nothing is no change.
	state := c.state("Email")
	update(`{"keywords/a":true,"mailboxIds/` + sent + `":null,"size":` + fmt.Sprint(c.email(id, `["size"]`)["size"]) + `,"subject":"s"}`)
	require.Equal(t, state, c.state("Email"))

	for patch, want := range map[string]string{
		`{"mailboxIds/` + inbox + `":null}`:                           "invalidProperties",
		`{"mailboxIds":{}}`:                                           "invalidProperties",
		`{"mailboxIds":null}`:                                         "invalidProperties",
		`{"mailboxIds/m99":true}`:                                     "invalidProperties",
		`{"mailboxIds/` + inbox + `":false}`:                          "invalidProperties",
		`{"keywords/a":false}`:                                        "invalidProperties",
		`{"keywords/a b":true}`:                                       "invalidProperties",
		`{"keywords/":true}`:                                          "invalidProperties",
		`{"keywords/a":true,"keywords":{}}`:                           "invalidPatch",
		`{"keywords/a/b":true}`:                                       "invalidPatch",
		`{"subject/x":true}`:                                          "invalidPatch",
		`{"subject":"other"}`:                                         "invalidProperties",
		`{"receivedAt":"2020-01-01T00:00:00Z"}`:                       "invalidProperties",
		`{"colour":"red"}`:                                            "invalidProperties",
		`{"keywords":{"a":true,"b":true,"c":true,"d":true,"e":true}}`: "tooManyKeywords",
		`{"keywords/b":true,"keywords/c":true,"keywords/d":true,"keywords/e":true}`: "tooManyKeywords",
		`{"mailboxIds/` + junk + `":true,"mailboxIds/` + sent + `":true}`:           "tooManyMailboxes",
	} {
		e := c.refusal("Email/set", `"update":{"`+id+`":`+patch+`}`)
		require.Equal(t, want, e["type"], patch)
	}
	require.Equal(t, "notFound", c.refusal("Email/set", `"update":{"e999":{"keywords/a":true}}`)["type"])
	require.Equal(t, "notFound", c.refusal("Email/set", `"destroy":["e999"]`)["type"])
	require.Equal(t, state, c.state("Email"))

	// One refusal does not keep the others from happening, and ifInState guards all.
	result = c.ok("Email/set", `"ifInState":"`+state+`","update":{"`+id+`":{"keywords/z":true},"e999":{"keywords/a":true}},"destroy":["e998"]`)
	require.Len(t, result["updated"], 1)
	require.Len(t, result["notUpdated"], 1)
	require.Len(t, result["notDestroyed"], 1)
	require.Equal(t, "stateMismatch", c.fails("Email/set", `"ifInState":"`+state+`","destroy":["`+id+`"]`))
	result = c.ok("Email/set", `"destroy":["`+id+`"]`)
	require.Equal(t, []any{id}, result["destroyed"])
	require.EqualValues(t, 0, c.boxes()["Inbox"]["totalEmails"])
}

func TestThreads(t *testing.T) {
	c := newClient(t, Limits{MaxEmailsInThread: 4})
	inbox := c.mailbox("inbox")
	add := func(subject, at string, fields ...string) (id, thread string) {
		id = c.importMail(message(subject, "a@example.org", "x", fields...), inbox, `"receivedAt":"`+at+`"`)
		return id, c.email(id, `["threadId"]`)["threadId"].(string)
	}
	a, thread := add("Plan", "2026-01-02T00:00:00Z", "Message-ID: <a@x>")
	b, got := add("Re: Plan", "2026-01-01T00:00:00Z", "Message-ID: <b@x>", "In-Reply-To: <a@x>")
	require.Equal(t, thread, got)
	d, got := add("Fwd: [list] Plan", "2026-01-03T00:00:00Z", "Message-ID: <d@x>", "References: <zero@x> <b@x>")
	require.Equal(t, thread, got)
	_, got = add("Other", "2026-01-03T00:00:00Z", "Message-ID: <c@x>", "In-Reply-To: <a@x>")
	require.NotEqual(t, thread, got, "another subject")
	_, got = add("Plan", "2026-01-03T00:00:00Z", "Message-ID: <e@x>")
	require.NotEqual(t, thread, got, "no id in common")
	// References of an earlier Email to one that comes later.
	_, got = add("Plan", "2026-01-04T00:00:00Z", "Message-ID: <zero@x>")
	require.Equal(t, thread, got)
	list := c.ok("Thread/get", `"ids":["`+thread+`","t99"]`)
	emails := list["list"].([]any)[0].(map[string]any)["emailIds"].([]any)
	require.Equal(t, []any{b, a, d}, emails[:3])
	require.Equal(t, []any{"t99"}, list["notFound"])

	_, got = add("Re: Plan", "2026-01-05T00:00:00Z", "References: <a@x>")
	require.NotEqual(t, thread, got, "the Thread is full")

	state := c.state("Thread")
	c.ok("Email/set", `"update":{"`+a+`":{"keywords/$seen":true}}`)
	require.Equal(t, state, c.state("Thread"))
	c.ok("Email/set", `"destroy":["`+a+`"]`)
	require.Equal(t, []any{thread}, c.ok("Thread/changes", `"sinceState":"`+state+`"`)["updated"])
	c.ok("Email/set", fmt.Sprintf(`"destroy":["%s","%s","%s"]`, b, d, emails[3]))
	require.Equal(t, []any{thread}, c.ok("Thread/changes", `"sinceState":"`+state+`"`)["destroyed"])
	// A Thread that has gone does not come back.
	_, got = add("Re: Plan", "2026-01-06T00:00:00Z", "In-Reply-To: <b@x>")
	require.NotEqual(t, thread, got)
}

func TestEmailCopy(t *testing.T) {
	c := newClient(t, Limits{})
	require.NoError(t, c.store.Share("bob", "alice"))
	bob := clientFor(t, c.store, c.url, "bob")
	id := c.importMail(message("s", "a@example.org", "b"), c.mailbox("inbox"), `"keywords":{"$seen":true},"receivedAt":"2020-01-01T00:00:00Z"`)
	inbox := bob.mailbox("inbox")
	args := `"fromAccountId":"` + c.account + `","create":{"k":{"id":"` + id + `","mailboxIds":{"` + inbox + `":true}`
	response := c.raw(`["Email/copy",{"accountId":"` + bob.account + `",` + args + `}},"onSuccessDestroyOriginal":true},"0"]`)
	require.Len(t, response.MethodResponses, 2)
	require.Equal(t, "Email/set", response.MethodResponses[1].Name)
	require.Equal(t, "0", response.MethodResponses[1].CallID)
	require.Equal(t, []any{id}, plain(t, response.MethodResponses[1].Raw)["destroyed"])
	made := plain(t, response.MethodResponses[0].Raw)["created"].(map[string]any)["k"].(map[string]any)
	copied := bob.email(made["id"].(string), `["keywords","receivedAt","subject","blobId"]`)
	require.Equal(t, js(t, `{"$seen":true}`), copied["keywords"])
	require.Equal(t, "2020-01-01T00:00:00Z", copied["receivedAt"])
	require.Equal(t, message("s", "a@example.org", "b"), readAll(t, bob.do("GET", pathDownload+bob.account+"/"+copied["blobId"].(string)+"/x", nil)))

	// Now in the other direction, which bob may not do.
	c2 := c.raw(`["Email/copy",{"accountId":"` + c.account + `","fromAccountId":"` + bob.account + `","create":{"a":{"id":"e999","mailboxIds":{}},"b":{"id":"` + made["id"].(string) + `"},"c":{"id":"` + made["id"].(string) + `","subject":"x"},"d":{"id":"` + made["id"].(string) + `","mailboxIds":{"` + c.mailbox("inbox") + `":true},"keywords":{},"receivedAt":"2021-01-01T00:00:00Z"}}},"0"]`)
	result := plain(t, c2.MethodResponses[0].Raw)
	types := map[string]any{}
	for k, e := range result["notCreated"].(map[string]any) {
		types[k] = e.(map[string]any)["type"]
	}
	require.Equal(t, map[string]any{"a": "notFound", "b": "invalidProperties", "c": "invalidProperties"}, types)
	made = result["created"].(map[string]any)["d"].(map[string]any)
	require.Equal(t, js(t, `{"id":"`+made["id"].(string)+`","keywords":{},"receivedAt":"2021-01-01T00:00:00Z"}`), any(c.email(made["id"].(string), `["keywords","receivedAt"]`)))
	bob.account = c.account
	require.Equal(t, "accountNotFound", bob.fails("Email/copy", `"fromAccountId":"`+clientFor(t, c.store, c.url, "bob").account+`","create":{}`))
}

func TestEmailParse(t *testing.T) {
	c := newClient(t, Limits{})
	blob, junk := c.upload(multipartMail), c.upload("\x00\x01")
	result := c.ok("Email/parse", `"blobIds":["`+blob+`","`+junk+`","bnone"],"fetchTextBodyValues":true`)
	require.Equal(t, []any{junk}, result["notParsable"])
	require.Equal(t, []any{"bnone"}, result["notFound"])
	m := result["parsed"].(map[string]any)[blob].(map[string]any)
	require.Equal(t, "Café menu", m["subject"])
	require.NotContains(t, m, "id")
	require.Len(t, m["bodyValues"], 1)
	m = c.ok("Email/parse", `"blobIds":["`+blob+`"],"properties":["keywords","mailboxIds","receivedAt","blobId","header:X-Twice"]`)["parsed"].(map[string]any)[blob].(map[string]any)
	require.Equal(t, map[string]any{"keywords": nil, "mailboxIds": nil, "receivedAt": nil, "blobId": blob, "header:X-Twice": " second"}, m)
}

func TestLimitsOfGet(t *testing.T) {
	c := newClient(t, Limits{MaxObjectsInGet: 2, MaxSizeResponse: 5000})
	inbox := c.mailbox("inbox")
	require.Equal(t, "requestTooLarge", c.fails("Mailbox/get", `"ids":null`))
	require.Equal(t, "requestTooLarge", c.fails("Email/get", `"ids":["a","b","c"]`))
	for range 3 {
		c.importMail(message("s", "a@example.org", strings.Repeat("long ", 1000)), inbox, "")
	}
	require.Equal(t, "requestTooLarge", c.fails("Email/get", `"ids":null`))
	require.Equal(t, "requestTooLarge", c.fails("Email/get", `"ids":["e1"],"properties":["bodyValues"],"fetchAllBodyValues":true`))
	require.Len(t, c.ok("Email/get", `"ids":["e1"],"properties":["bodyValues"],"fetchAllBodyValues":true,"maxBodyValueBytes":100`)["list"], 1)
}

func TestReceivedAtDefault(t *testing.T) {
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	s, err := Open(Options{Dir: t.TempDir(), HashIterations: 1, Now: func() time.Time { return now }})
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.AddAccount("alice", "secret"))
	c := clientFor(t, s, "http://in.process", "alice")
	c.http = clientOf(s)
	id := c.importMail("Subject: x\r\n\r\n", c.mailbox("inbox"), "")
	require.Equal(t, "2030-01-02T03:04:05Z", c.email(id, `["receivedAt"]`)["receivedAt"])
}
