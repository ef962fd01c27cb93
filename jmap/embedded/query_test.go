package embedded

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// queryMail makes Emails for the filters and sorts to tell apart; names is from id to name.
func queryMail(t *testing.T, c *client) (names map[string]string) {
	inbox, junk := c.mailbox("inbox"), c.mailbox("junk")
	names = map[string]string{}
	add := func(name, message, box, args string) {
		names[c.importMail(message, box, args)] = name
	}
	add("a", message("Zebra crossing", "Ann <ann@example.org>", "the quick brown fox", "Message-ID: <a@x>", "X-Spam: yes", "Cc: carol@example.net"),
		inbox, `"receivedAt":"2026-01-01T00:00:00Z","keywords":{"$seen":true,"$flagged":true}`)
	add("b", message("Re: Zebra crossing", "bert@example.org", strings.Repeat("long ", 500), "In-Reply-To: <a@x>", "Bcc: \"Dora Q\" <dora@example.net>"),
		junk, `"receivedAt":"2026-01-02T00:00:00Z","keywords":{"$seen":true}`)
	add("c", "From: =?UTF-8?Q?=C3=84nne?= <zoe@example.org>\r\nSubject: =?UTF-8?Q?apple_stra=C3=9Fe?=\r\nX-Spam: no\r\nContent-Type: text/html\r\n\r\n<html><head><title>secret title</title></head><body><p>Quick &amp; easy <b>Brown</b></p></body></html>",
		inbox, `"receivedAt":"2026-01-03T00:00:00Z","keywords":{"$draft":true}`)
	add("d", "From: dan@example.org\r\nTo: Ann <ann@example.org>\r\nSubject: banana 10\r\nDate: Mon, 02 Nov 2009 10:00:00 +0000\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nsee file\r\n--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment\r\n\r\nbrown\r\n--x--\r\n",
		inbox, `"receivedAt":"2026-01-04T00:00:00Z"`)
	return names
}

func (c *client) query(names map[string]string, args string) string {
	c.t.Helper()
	var found []string
	for _, id := range c.ok("Email/query", args)["ids"].([]any) {
		found = append(found, names[id.(string)])
	}
	return strings.Join(found, "")
}

// The conditions of RFC 8621 section 4.4.1.
func TestEmailQueryFilters(t *testing.T) {
	c := newClient(t, Limits{})
	names := queryMail(t, c)
	inbox, junk := c.mailbox("inbox"), c.mailbox("junk")
	for filter, want := range map[string]string{
		`null`:                          "abcd",
		`{}`:                            "abcd",
		`{"inMailbox":"` + inbox + `"}`: "acd",
		`{"inMailboxOtherThan":["` + inbox + `"]}`:                "b",
		`{"inMailboxOtherThan":["` + inbox + `","` + junk + `"]}`: "",
		`{"before":"2026-01-02T00:00:00Z"}`:                       "a",
		`{"after":"2026-01-02T00:00:00Z"}`:                        "bcd",
		`{"minSize":1000}`:                                        "b",
		`{"maxSize":1000}`:                                        "acd",
		`{"hasKeyword":"$SEEN"}`:                                  "ab",
		`{"notKeyword":"$seen"}`:                                  "cd",
		`{"allInThreadHaveKeyword":"$seen"}`:                      "ab",
		`{"allInThreadHaveKeyword":"$flagged"}`:                   "",
		`{"someInThreadHaveKeyword":"$flagged"}`:                  "ab",
		`{"noneInThreadHaveKeyword":"$flagged"}`:                  "cd",
		`{"hasAttachment":true}`:                                  "d",
		`{"hasAttachment":false}`:                                 "abc",
		`{"from":"ANN"}`:                                          "a",
		`{"from":"änne"}`:                                         "c",
		`{"from":"A\u0308nne"}`:                                   "c",
		`{"to":"ann"}`:                                            "d",
		`{"cc":"carol example.net"}`:                              "a",
		`{"bcc":"dora q"}`:                                        "b",
		`{"subject":"zebra"}`:                                     "ab",
		`{"subject":"crossing zebra"}`:                            "ab",
		`{"subject":"\"crossing zebra\""}`:                        "",
		`{"subject":"'zebra crossing'"}`:                          "ab",
		`{"subject":"STRASSE"}`:                                   "",
		`{"subject":"straße"}`:                                    "c",
		`{"body":"quick brown"}`:                                  "ac",
		`{"body":"\"quick brown\""}`:                              "a",
		`{"body":"secret"}`:                                       "",
		`{"body":"\"quick & easy brown\""}`:                       "c",
		`{"body":"zebra"}`:                                        "",
		`{"text":"zebra"}`:                                        "ab",
		`{"text":"zebra fox"}`:                                    "a",
		`{"text":"ann"}`:                                          "ad",
		`{"header":["x-spam"]}`:                                   "ac",
		`{"header":["X-Spam","YES"]}`:                             "a",
		`{"header":["Subject","apple"]}`:                          "c",
		`{"header":["X-None"]}`:                                   "",
		`{"inMailbox":"` + inbox + `","hasKeyword":"$seen"}`:      "a",
		`{"operator":"AND","conditions":[{"inMailbox":"` + inbox + `"},{"text":"brown"}]}`:                  "ac",
		`{"operator":"OR","conditions":[{"hasKeyword":"$draft"},{"hasAttachment":true}]}`:                   "cd",
		`{"operator":"NOT","conditions":[{"hasKeyword":"$draft"},{"hasAttachment":true}]}`:                  "ab",
		`{"operator":"AND","conditions":[]}`:                                                                "abcd",
		`{"operator":"OR","conditions":[]}`:                                                                 "",
		`{"operator":"NOT","conditions":[{"operator":"AND","conditions":[{"inMailbox":"` + inbox + `"}]}]}`: "b",
	} {
		args := `"filter":` + filter + `,"sort":[{"property":"receivedAt"}]`
		require.Equal(t, want, c.query(names, args), filter)
		// Each filter gives the same when the order is not that of an index.
		require.Equal(t, want, c.query(names, `"filter":`+filter+`,"sort":[{"property":"receivedAt"},{"property":"size"}]`), filter)
	}
}

// The properties of RFC 8621 section 4.4.2.
func TestEmailQuerySorts(t *testing.T) {
	c := newClient(t, Limits{})
	names := queryMail(t, c)
	for sort, want := range map[string]string{
		`null`: "dcba",
		`[]`:   "dcba",
		`[{"property":"receivedAt","isAscending":true}]`:                                                              "abcd",
		`[{"property":"size"}]`:                                                                                       "acdb",
		`[{"property":"from"}]`:                                                                                       "abdc",
		`[{"property":"from","collation":"i;octet"}]`:                                                                 "abdc",
		`[{"property":"to","isAscending":false},{"property":"receivedAt"}]`:                                           "abdc",
		`[{"property":"subject"},{"property":"receivedAt"}]`:                                                          "cdab",
		`[{"property":"subject","isAscending":false},{"property":"size"}]`:                                            "abdc",
		`[{"property":"sentAt"},{"property":"receivedAt"}]`:                                                           "cdab",
		`[{"property":"hasKeyword","keyword":"$seen"},{"property":"receivedAt"}]`:                                     "cdab",
		`[{"property":"someInThreadHaveKeyword","keyword":"$flagged","isAscending":false},{"property":"receivedAt"}]`: "abcd",
		`[{"property":"allInThreadHaveKeyword","keyword":"$flagged"},{"property":"receivedAt"}]`:                      "abcd",
	} {
		require.Equal(t, want, c.query(names, `"sort":`+sort), sort)
	}
	require.Equal(t, "dcb", c.query(names, `"collapseThreads":true,"sort":[{"property":"receivedAt","isAscending":false},{"property":"size"}]`))
	require.Equal(t, "dcb", c.query(names, `"collapseThreads":true`))
	require.Equal(t, "acd", c.query(names, `"collapseThreads":true,"sort":[{"property":"receivedAt"}]`))
	require.Equal(t, "ac", c.query(names, `"collapseThreads":true,"sort":[{"property":"receivedAt"}],"limit":2`))
}

// The windows of RFC 8620 section 5.5.
func TestEmailQueryWindow(t *testing.T) {
	c := newClient(t, Limits{})
	names := queryMail(t, c)
	byDate := `"sort":[{"property":"receivedAt"}]`
	id := map[string]string{}
	for k, v := range names {
		id[v] = k
	}
	for args, want := range map[string]string{
		`"position":1`:               "bcd",
		`"position":1,"limit":2`:     "bc",
		`"position":4`:               "",
		`"position":99,"limit":1`:    "",
		`"position":-1`:              "d",
		`"position":-99,"limit":1`:   "a",
		`"limit":0`:                  "",
		`"anchor":"` + id["b"] + `"`: "bcd",
		`"anchor":"` + id["b"] + `","anchorOffset":-1,"limit":2`:     "ab",
		`"anchor":"` + id["b"] + `","anchorOffset":-9,"limit":1`:     "a",
		`"anchor":"` + id["b"] + `","anchorOffset":1,"position":3`:   "cd",
		`"anchor":"` + id["b"] + `","anchorOffset":9007199254740991`: "",
		`"position":9007199254740991,"limit":9007199254740991`:       "",
	} {
		require.Equal(t, want, c.query(names, byDate+`,`+args), args)
	}
	r := c.ok("Email/query", byDate+`,"position":-1,"calculateTotal":true`)
	require.EqualValues(t, 3, r["position"])
	require.EqualValues(t, 4, r["total"])
	require.Equal(t, true, r["canCalculateChanges"])
	require.NotContains(t, c.ok("Email/query", byDate+`,"limit":1`), "total")
	require.Equal(t, "anchorNotFound", c.fails("Email/query", `"filter":{"inMailbox":"`+c.mailbox("junk")+`"},"anchor":"`+id["a"]+`"`))
}

func TestEmailQueryChanges(t *testing.T) {
	c := newClient(t, Limits{})
	names := queryMail(t, c)
	id := map[string]string{}
	for k, v := range names {
		id[v] = k
	}
	args := `"filter":{"hasKeyword":"$seen"},"sort":[{"property":"receivedAt"}]`
	state := c.ok("Email/query", args)["queryState"].(string)
	c.ok("Email/set", fmt.Sprintf(`"update":{"%s":{"keywords/$seen":null},"%s":{"keywords/$seen":true}}`, id["a"], id["d"]))
	r := c.ok("Email/queryChanges", args+`,"sinceQueryState":"`+state+`","calculateTotal":true`)
	require.ElementsMatch(t, []any{id["a"], id["d"]}, r["removed"])
	require.Equal(t, js(t, `[{"id":"`+id["d"]+`","index":1}]`), r["added"])
	require.EqualValues(t, 2, r["total"])
	require.Equal(t, c.state("Email"), r["newQueryState"])
	require.Equal(t, "tooManyChanges", c.fails("Email/queryChanges", args+`,"sinceQueryState":"`+state+`","maxChanges":2`))
	require.Equal(t, "cannotCalculateChanges", c.fails("Email/queryChanges", args+`,"sinceQueryState":"x"`))

	// Where neither membership nor order can change, what is behind upToId does not matter.
	args = `"filter":{"subject":"n"},"sort":[{"property":"receivedAt"}]`
	state = c.ok("Email/query", args)["queryState"].(string)
	late := c.importMail(message("new", "a@example.org", "x"), c.mailbox("inbox"), `"receivedAt":"2027-01-01T00:00:00Z"`)
	early := c.importMail(message("new", "a@example.org", "x"), c.mailbox("inbox"), `"receivedAt":"2001-01-01T00:00:00Z"`)
	r = c.ok("Email/queryChanges", args+`,"sinceQueryState":"`+state+`","upToId":"`+id["a"]+`"`)
	require.Equal(t, js(t, `[{"id":"`+early+`","index":0}]`), r["added"])
	require.Len(t, c.ok("Email/queryChanges", args+`,"sinceQueryState":"`+state+`"`)["added"], 2)
	require.NotEmpty(t, late)
}

func TestSearchSnippet(t *testing.T) {
	c := newClient(t, Limits{})
	body := strings.Repeat("filler words ", 50) + "the <needle> & more " + strings.Repeat("padding ", 80)
	id := c.importMail(message("A Needle in <a> haystack", "a@example.org", body), c.mailbox("inbox"), "")
	get := func(filter string) map[string]any {
		r := c.ok("SearchSnippet/get", `"emailIds":["`+id+`","e99"],"filter":`+filter)
		require.Equal(t, []any{"e99"}, r["notFound"])
		return r["list"].([]any)[0].(map[string]any)
	}
	s := get(`{"text":"needle"}`)
	require.Equal(t, id, s["emailId"])
	require.Equal(t, "A <mark>Needle</mark> in &lt;a&gt; haystack", s["subject"])
	preview := s["preview"].(string)
	require.Contains(t, preview, "the &lt;<mark>needle</mark>&gt; &amp; more")
	require.LessOrEqual(t, len(preview), 255)

	s = get(`{"operator":"AND","conditions":[{"subject":"needle"},{"operator":"NOT","conditions":[{"text":"haystack"}]}]}`)
	require.Equal(t, "A <mark>Needle</mark> in &lt;a&gt; haystack", s["subject"])
	require.Nil(t, s["preview"])
	s = get(`{"body":"absent"}`)
	require.Nil(t, s["subject"])
	require.Nil(t, s["preview"])
	require.Nil(t, get(`null`)["subject"])
	require.Equal(t, "unsupportedFilter", c.fails("SearchSnippet/get", `"emailIds":[],"filter":{"x":1}`))
}

func TestParseTerms(t *testing.T) {
	for text, want := range map[string]searchTerms{
		"":                     nil,
		"  Two  Words ":        {"two", "words"},
		`"A  phrase" rest`:     {"a phrase", "rest"},
		`'it\'s "here"'`:       {`it's "here"`},
		`"open end`:            {`"open`, "end"},
		`don't won't`:          {"don't", "won't"},
		`""`:                   nil,
		`back\slash "back\\x"`: {`back\slash`, `back\x`},
	} {
		require.Equal(t, want, parseTerms(text), text)
	}
}
