package embedded

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func (c *client) create(properties string) map[string]any {
	c.t.Helper()
	r := c.ok("Email/set", fmt.Sprintf(`"create":{"k":{"mailboxIds":{"%s":true}%s}}`, c.mailbox("drafts"), comma(properties)))
	require.NotNil(c.t, r["created"], "%v", r)
	return r["created"].(map[string]any)["k"].(map[string]any)
}

// The example of RFC 8621 section 4.10: a draft with text, HTML and headers.
func TestEmailCreate(t *testing.T) {
	c := newClient(t, Limits{})
	image := c.upload("\x89PNG")
	made := c.create(`
		"keywords":{"$seen":true,"$draft":true},
		"from":[{"name":"Joe Bloggs","email":"joe@example.com"}],
		"to":[{"name":"J\u00f6rg","email":"joerg@example.com"},{"email":"x@example.com"}],
		"subject":"World domination \u263a",
		"sentAt":"2014-10-30T14:12:00+08:00",
		"receivedAt":"2015-01-01T00:00:00Z",
		"inReplyTo":["a@example.com"],
		"header:X-Custom:asText":"caf\u00e9",
		"header:X-Raw":" as it is",
		"textBody":[{"partId":"bd48","type":"text/plain"}],
		"htmlBody":[{"partId":"h1","type":"text/html","header:Content-Language":" en"}],
		"bodyValues":{"bd48":{"value":"I have the most brilliant plan.\n\u00e4\n","isTruncated":false},"h1":{"value":"<b>plan</b>"}},
		"attachments":[{"blobId":"` + image + `","type":"image/png","name":"b\u00fcld.png","cid":"img@x"}]`)
	require.ElementsMatch(t, []string{"id", "blobId", "threadId", "size"}, keysOf(made))
	m := c.ok("Email/get", `"ids":["`+made["id"].(string)+`"],"fetchAllBodyValues":true,"properties":["from","to","subject","sentAt","receivedAt","messageId","inReplyTo","keywords","textBody","htmlBody","attachments","bodyValues","hasAttachment","header:X-Custom:asText","header:X-Raw","size"]`)["list"].([]any)[0].(map[string]any)
	require.Equal(t, js(t, `[{"name":"Joe Bloggs","email":"joe@example.com"}]`), m["from"])
	require.Equal(t, js(t, `[{"name":"Jörg","email":"joerg@example.com"},{"name":null,"email":"x@example.com"}]`), m["to"])
	require.Equal(t, "World domination ☺", m["subject"])
	require.Equal(t, "2014-10-30T14:12:00+08:00", m["sentAt"])
	require.Equal(t, "2015-01-01T00:00:00Z", m["receivedAt"])
	require.Len(t, m["messageId"], 1)
	require.Equal(t, []any{"a@example.com"}, m["inReplyTo"])
	require.Equal(t, "café", m["header:X-Custom:asText"])
	require.Equal(t, " as it is", m["header:X-Raw"])
	require.Equal(t, made["size"], m["size"])
	require.Equal(t, true, m["hasAttachment"])
	values := m["bodyValues"].(map[string]any)
	text := m["textBody"].([]any)[0].(map[string]any)
	require.Equal(t, "I have the most brilliant plan.\nä\n", values[text["partId"].(string)].(map[string]any)["value"])
	html := m["htmlBody"].([]any)[0].(map[string]any)
	require.Equal(t, "text/html", html["type"])
	require.Equal(t, []any{"en"}, html["language"])
	attachment := m["attachments"].([]any)[0].(map[string]any)
	require.Equal(t, "büld.png", attachment["name"])
	require.Equal(t, "img@x", attachment["cid"])
	require.Equal(t, "\x89PNG", readAll(t, c.do("GET", pathDownload+c.account+"/"+attachment["blobId"].(string)+"/x", nil)))

	octets := readAll(t, c.do("GET", pathDownload+c.account+"/"+made["blobId"].(string)+"/x", nil))
	require.NotContains(t, strings.ReplaceAll(octets, "\r\n", ""), "\n")
	require.Contains(t, octets, "Message-ID: <")
}

func TestEmailCreateStructure(t *testing.T) {
	c := newClient(t, Limits{})
	made := c.create(`
		"subject":"s","bodyStructure":{"type":"multipart/related","header:X-Root":" r","subParts":[
			{"partId":"t","type":"text/plain"},
			{"partId":"j","type":"application/json","disposition":"attachment","name":"x.json"}]},
		"bodyValues":{"t":{"value":"hello"},"j":{"value":"{}"}}`)
	m := c.email(made["id"].(string), `["bodyStructure","sentAt","header:X-Root"]`)
	root := m["bodyStructure"].(map[string]any)
	require.Equal(t, "multipart/related", root["type"])
	require.Equal(t, " r", m["header:X-Root"])
	require.NotNil(t, m["sentAt"])
	parts := c.ok("Email/get", `"ids":["`+made["id"].(string)+`"],"properties":["bodyStructure"],"bodyProperties":["type","name","size","disposition","subParts"]`)
	sub := parts["list"].([]any)[0].(map[string]any)["bodyStructure"].(map[string]any)["subParts"].([]any)
	require.Equal(t, js(t, `{"type":"application/json","name":"x.json","size":2,"disposition":"attachment","subParts":null}`), sub[1])
	// The least there can be.
	made = c.create("")
	require.Nil(t, c.email(made["id"].(string), `["subject"]`)["subject"])
}

// The constraints of RFC 8621 section 4.6.
func TestEmailCreateRefused(t *testing.T) {
	c := newClient(t, Limits{MaxSizeAttachmentsPerEmail: 10})
	big := c.upload("eleven octets")
	box := `"mailboxIds":{"` + c.mailbox("drafts") + `":true},`
	values := `,"bodyValues":{"1":{"value":"x"},"bad":{"value":"x","isTruncated":true}}`
	value := `,"bodyValues":{"1":{"value":"x"}}`
	for args, want := range map[string]string{
		`"subject":"x"`:                                                 "mailboxIds",
		`"mailboxIds":{},"subject":"x"`:                                 "mailboxIds",
		box + `"headers":[]`:                                            "headers",
		box + `"id":"e1"`:                                               "id",
		box + `"size":1`:                                                "size",
		box + `"colour":1`:                                              "colour",
		box + `"subject":7`:                                             "subject",
		box + `"subject":"x","header:Subject":" y"`:                     "header:Subject",
		box + `"header:x-a":" x","header:X-A":" y"`:                     "header:x-a",
		box + `"header:From:asDate":"2020-01-01T00:00:00Z"`:             "header:From:asDate",
		box + `"header:Content-Type":" text/plain"`:                     "header:Content-Type",
		box + `"header:X":"no\nfolding"`:                                "header:X",
		box + `"header:X:asText":7`:                                     "header:X:asText",
		box + `"textBody":[]`:                                           "textBody",
		box + `"textBody":[{"partId":"1","type":"text/html"}]` + value:  "textBody",
		box + `"htmlBody":[{"partId":"1","type":"text/plain"}]` + value: "htmlBody",
		box + `"textBody":[{"partId":"1"},{"partId":"1"}]` + value:      "textBody",
		box + `"textBody":[{"partId":"2","type":"text/plain"}]` + value: "textBody",
		box + `"textBody":[{"type":"text/plain"}]` + value:              "textBody",
		box + `"textBody":[{"partId":"1","blobId":"` + big + `","type":"text/plain"}]` + value:                     "textBody",
		box + `"textBody":[{"partId":"1","type":"text/plain","charset":"utf-8"}]` + value:                          "textBody",
		box + `"textBody":[{"partId":"1","type":"text/plain","size":1}]` + value:                                   "textBody",
		box + `"textBody":[{"partId":"1","type":"text/plain","header:Content-Transfer-Encoding":" 8bit"}]` + value: "textBody",
		box + `"textBody":[{"partId":"1","type":"text/plain","headers":[]}]` + value:                               "textBody",
		box + `"textBody":[{"partId":"1","type":"text/plain"}]` + values:                                           "bodyValues",
		box + `"textBody":[{"partId":"1","type":"text/plain"}],"bodyStructure":{"partId":"1"}` + value:             "bodyStructure",
		box + `"subject":"x","bodyStructure":{"partId":"1","header:Subject":" y"}` + value:                         "bodyStructure",
		box + `"bodyStructure":{"type":"multipart/mixed"}`:                                                         "bodyStructure",
		box + `"keywords":{"a b":true}`:                                                                            "keywords",
		box + `"receivedAt":"x"`:                                                                                   "receivedAt",
	} {
		e := c.refusal("Email/set", `"create":{"k":{`+args+`}}`)
		require.Equal(t, "invalidProperties", e["type"], args)
		require.Contains(t, e["properties"], want, args)
	}
	e := c.refusal("Email/set", `"create":{"k":{`+box+`"attachments":[{"blobId":"bnone"},{"blobId":"bnil"},{"blobId":"bnone"}]}}`)
	require.Equal(t, "blobNotFound", e["type"])
	require.Equal(t, []any{"bnone", "bnil"}, e["notFound"])
	e = c.refusal("Email/set", `"create":{"k":{`+box+`"attachments":[{"blobId":"`+big+`"}]}}`)
	require.Equal(t, "tooLarge", e["type"])
	require.EqualValues(t, 0, c.boxes()["Drafts"]["totalEmails"])
}
