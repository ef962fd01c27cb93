package embedded

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func (c *client) boxes() map[string]map[string]any {
	c.t.Helper()
	byName := map[string]map[string]any{}
	for _, m := range c.ok("Mailbox/get", `"ids":null`)["list"].([]any) {
		box := m.(map[string]any)
		byName[box["name"].(string)] = box
	}
	return byName
}

func (c *client) makeBox(name, parent string) string {
	c.t.Helper()
	if parent != "null" {
		parent = `"` + parent + `"`
	}
	result := c.ok("Mailbox/set", fmt.Sprintf(`"create":{"k":{"name":%q,"parentId":%s}}`, name, parent))
	require.NotNil(c.t, result["created"], "%v", result)
	return result["created"].(map[string]any)["k"].(map[string]any)["id"].(string)
}

// refusal runs a /set that must fail for the one record in it, and returns the SetError.
func (c *client) refusal(method, args string) map[string]any {
	c.t.Helper()
	result := c.ok(method, args)
	for _, kind := range []string{"notCreated", "notUpdated", "notDestroyed"} {
		if m, ok := result[kind].(map[string]any); ok {
			for _, e := range m {
				return e.(map[string]any)
			}
		}
	}
	require.Fail(c.t, "nothing was refused", "%s %s: %v", method, args, result)
	return nil
}

func TestNewAccountHasMailboxes(t *testing.T) {
	c := newClient(t, Limits{})
	boxes := c.boxes()
	require.Len(t, boxes, 6)
	for name, role := range map[string]string{"Inbox": "inbox", "Drafts": "drafts", "Sent": "sent", "Archive": "archive", "Junk": "junk", "Trash": "trash"} {
		box := boxes[name]
		require.Equal(t, role, box["role"])
		require.Equal(t, true, box["isSubscribed"])
		require.Nil(t, box["parentId"])
		require.EqualValues(t, 0, box["totalThreads"])
		require.Equal(t, true, box["myRights"].(map[string]any)["mayAddItems"])
	}
}

func TestMailboxCreate(t *testing.T) {
	c := newClient(t, Limits{MaxMailboxDepth: 3, MaxSizeMailboxName: 20})
	// b refers to a, which the order of the names puts behind it.
	result := c.ok("Mailbox/set", `"create":{"a":{"name":"Child","parentId":"#b"},"b":{"name":"Parent","isSubscribed":false,"sortOrder":7}}`)
	created := result["created"].(map[string]any)
	require.Len(t, created, 2)
	require.NotEqual(t, result["oldState"], result["newState"])
	parent := created["b"].(map[string]any)
	require.Contains(t, parent, "myRights")
	require.NotContains(t, parent, "name")
	boxes := c.boxes()
	require.Equal(t, boxes["Parent"]["id"], boxes["Child"]["parentId"])
	require.Equal(t, false, boxes["Parent"]["isSubscribed"])
	require.Equal(t, true, boxes["Child"]["isSubscribed"])
	require.EqualValues(t, 7, boxes["Parent"]["sortOrder"])

	grandchild := c.makeBox("Third", boxes["Child"]["id"].(string))
	for args, property := range map[string]string{
		`{}`:                  "name",
		`{"name":""}`:         "name",
		`{"name":"a\u0000b"}`: "name",
		`{"name":"` + strings.Repeat("é", 11) + `"}`: "name",
		`{"name":7}`:                                   "name",
		`{"name":"Inbox"}`:                             "name",
		`{"name":"x","parentId":"m999"}`:               "parentId",
		`{"name":"x","parentId":"` + grandchild + `"}`: "parentId",
		`{"name":"x","role":"inbox"}`:                  "role",
		`{"name":"x","role":"Nonsense"}`:               "role",
		`{"name":"x","sortOrder":2147483648}`:          "sortOrder",
		`{"name":"x","totalEmails":3}`:                 "totalEmails",
		`{"name":"x","id":"m1"}`:                       "id",
		`{"name":"x","colour":"red"}`:                  "colour",
	} {
		e := c.refusal("Mailbox/set", `"create":{"k":`+args+`}`)
		require.Equal(t, "invalidProperties", e["type"], args)
		require.Contains(t, e["properties"], property, args)
	}
	// Names are in Normalization Form C, and the client is told.
	result = c.ok("Mailbox/set", `"create":{"k":{"name":"e\u0301"}}`)
	require.Equal(t, "é", result["created"].(map[string]any)["k"].(map[string]any)["name"])
	require.Equal(t, "invalidProperties", c.refusal("Mailbox/set", `"create":{"k":{"name":"é"}}`)["type"])
	// A loop of creation ids.
	result = c.ok("Mailbox/set", `"create":{"a":{"name":"x","parentId":"#b"},"b":{"name":"y","parentId":"#a"}}`)
	require.Len(t, result["notCreated"], 2)
}

func TestMailboxUpdate(t *testing.T) {
	c := newClient(t, Limits{})
	a, b := c.makeBox("a", "null"), c.makeBox("b", "null")
	child := c.makeBox("child", a)
	// Swapping names is valid in the end.
	result := c.ok("Mailbox/set", fmt.Sprintf(`"update":{"%s":{"name":"b"},"%s":{"name":"a"}}`, a, b))
	require.Len(t, result["updated"], 2, "%v", result)
	require.Equal(t, b, c.boxes()["a"]["id"])
	// So is taking the name of one that goes.
	result = c.ok("Mailbox/set", fmt.Sprintf(`"update":{"%s":{"name":"a"}},"destroy":["%s"]`, a, b))
	require.Len(t, result["destroyed"], 1)
	require.Len(t, result["updated"], 1)
	// And moving the role.
	inbox := c.mailbox("inbox")
	result = c.ok("Mailbox/set", fmt.Sprintf(`"update":{"%s":{"role":null},"%s":{"role":"inbox"}}`, inbox, a))
	require.Len(t, result["updated"], 2)
	require.Equal(t, a, c.mailbox("inbox"))

	whole := c.boxes()["child"]
	for args, want := range map[string]string{
		fmt.Sprintf(`"update":{"%s":{"parentId":"%s"}}`, a, child):                 "invalidProperties",
		fmt.Sprintf(`"update":{"%s":{"parentId":"%s"}}`, a, a):                     "invalidProperties",
		fmt.Sprintf(`"update":{"%s":{"name":"Trash"}}`, a):                         "invalidProperties",
		fmt.Sprintf(`"update":{"%s":{"name":null}}`, a):                            "invalidProperties",
		fmt.Sprintf(`"update":{"%s":{"role":"trash"}}`, a):                         "invalidProperties",
		fmt.Sprintf(`"update":{"%s":{"totalEmails":9}}`, a):                        "invalidProperties",
		fmt.Sprintf(`"update":{"%s":{"colour":9}}`, a):                             "invalidProperties",
		fmt.Sprintf(`"update":{"%s":{"name/x":"y"}}`, a):                           "invalidPatch",
		fmt.Sprintf(`"update":{"%s":{"name/x":"y","name":"z"}}`, a):                "invalidPatch",
		`"update":{"m999":{"name":"y"}}`:                                           "notFound",
		`"destroy":["m999"]`:                                                       "notFound",
		`"destroy":["x"]`:                                                          "notFound",
		fmt.Sprintf(`"update":{"%s":{"name":"y"}},"destroy":["%s"]`, child, child): "willDestroy",
	} {
		before := c.state("Mailbox")
		require.Equal(t, want, c.refusal("Mailbox/set", args)["type"], args)
		if want != "willDestroy" {
			require.Equal(t, before, c.state("Mailbox"), args)
		}
	}
	child = c.makeBox("child", a)
	whole["id"] = child
	// A whole object may be given back, server-set properties and all.
	result = c.ok("Mailbox/set", fmt.Sprintf(`"update":{"%s":{"id":"%s","name":"new","totalEmails":0,"isSubscribed":null,"sortOrder":null}}`, child, child))
	require.Equal(t, map[string]any{child: nil}, result["updated"])
	result = c.ok("Mailbox/set", fmt.Sprintf(`"update":{"%s":{"name":"o\u0308"}}`, child))
	require.Equal(t, "ö", result["updated"].(map[string]any)[child].(map[string]any)["name"])
}

func TestMailboxDestroy(t *testing.T) {
	c := newClient(t, Limits{})
	a := c.makeBox("a", "null")
	b := c.makeBox("b", a)
	inbox := c.mailbox("inbox")
	only := c.importMail(message("only", "x@example.org", "x"), b, "")
	both := c.importMail(message("both", "x@example.org", "x"), b, "")
	c.ok("Email/set", fmt.Sprintf(`"update":{"%s":{"mailboxIds/%s":true}}`, both, inbox))

	require.Equal(t, "mailboxHasChild", c.refusal("Mailbox/set", `"destroy":["`+a+`"],"onDestroyRemoveEmails":true`)["type"])
	require.Equal(t, "mailboxHasEmail", c.refusal("Mailbox/set", `"destroy":["`+b+`"]`)["type"])
	require.Equal(t, "forbidden", c.refusal("Mailbox/set", `"destroy":["`+inbox+`"],"onDestroyRemoveEmails":true`)["type"])
	// A child that is made in the same call keeps its parent.
	result := c.ok("Mailbox/set", fmt.Sprintf(`"create":{"k":{"name":"x","parentId":"%s"}},"destroy":["%s","%s"],"onDestroyRemoveEmails":true`, a, a, b))
	require.Len(t, result["created"], 1)
	require.Equal(t, []any{b}, result["destroyed"])
	require.Equal(t, "mailboxHasChild", result["notDestroyed"].(map[string]any)[a].(map[string]any)["type"])

	require.Equal(t, []any{only}, c.ok("Email/get", `"ids":["`+only+`"]`)["notFound"])
	require.Equal(t, map[string]any{inbox: true}, c.email(both, `["mailboxIds"]`)["mailboxIds"])
	require.EqualValues(t, 1, c.boxes()["Inbox"]["totalEmails"])

	x := result["created"].(map[string]any)["k"].(map[string]any)["id"].(string)
	// Parent and child go in one call, in any order.
	result = c.ok("Mailbox/set", fmt.Sprintf(`"destroy":["%s","%s"]`, a, x))
	require.Len(t, result["destroyed"], 2)
}

// The example of RFC 8621 section 2: a thread in the trash and in the inbox.
func TestMailboxCounts(t *testing.T) {
	c := newClient(t, Limits{})
	inbox, trash := c.mailbox("inbox"), c.mailbox("trash")
	first := c.importMail(message("Topic", "a@example.org", "x", "Message-ID: <1@example.org>"), inbox, `"keywords":{"$seen":true}`)
	c.importMail(message("Re: Topic", "a@example.org", "y", "In-Reply-To: <1@example.org>"), trash, "")
	counts := func(name string) []any {
		b := c.boxes()[name]
		return []any{b["totalEmails"], b["unreadEmails"], b["totalThreads"], b["unreadThreads"]}
	}
	require.Equal(t, []any{1.0, 0.0, 1.0, 0.0}, counts("Inbox"))
	require.Equal(t, []any{1.0, 1.0, 1.0, 1.0}, counts("Trash"))

	// An unread Email elsewhere makes the Thread unread in the inbox.
	c.importMail(message("Re: Topic", "a@example.org", "z", "References: <1@example.org>"), c.mailbox("archive"), "")
	require.Equal(t, []any{1.0, 0.0, 1.0, 1.0}, counts("Inbox"))
	require.Equal(t, []any{1.0, 1.0, 1.0, 1.0}, counts("Archive"))

	// Only counts have changed.
	state := c.state("Mailbox")
	c.ok("Email/set", `"update":{"`+first+`":{"keywords/$seen":null}}`)
	changes := c.ok("Mailbox/changes", `"sinceState":"`+state+`"`)
	require.Equal(t, []any{inbox}, changes["updated"])
	require.Equal(t, []any{"totalEmails", "unreadEmails", "totalThreads", "unreadThreads"}, changes["updatedProperties"])
	c.ok("Mailbox/set", `"update":{"`+inbox+`":{"sortOrder":99}}`)
	require.Nil(t, c.ok("Mailbox/changes", `"sinceState":"`+state+`"`)["updatedProperties"])

	// When another Mailbox becomes the trash, Threads are counted anew.
	c.ok("Mailbox/set", `"update":{"`+trash+`":{"role":null}}`)
	c.ok("Email/set", `"update":{"`+first+`":{"keywords/$seen":true}}`)
	require.Equal(t, []any{1.0, 1.0, 1.0, 1.0}, counts("Trash"))
	require.Equal(t, []any{1.0, 0.0, 1.0, 1.0}, counts("Inbox"))
}

func TestMailboxQuery(t *testing.T) {
	c := newClient(t, Limits{MaxFilterDepth: 3})
	a := c.makeBox("Apple", "null")
	b := c.makeBox("banana", a)
	z := c.makeBox("Zebra", "null")
	y := c.makeBox("apricot", z)
	c.ok("Mailbox/set", `"update":{"`+z+`":{"isSubscribed":false}}`)
	query := func(args string) []any { return c.ok("Mailbox/query", args)["ids"].([]any) }
	byName := `"sort":[{"property":"name"}]`
	all := query(byName)
	require.Len(t, all, 10)
	require.Equal(t, a, all[0])
	require.Equal(t, y, all[1])
	require.Equal(t, []any{a, y}, query(byName+`,"filter":{"name":"AP"}`))
	require.Equal(t, []any{b}, query(`"filter":{"parentId":"`+a+`"}`))
	require.Len(t, query(`"filter":{"parentId":null}`), 8)
	require.Len(t, query(`"filter":{"hasAnyRole":true}`), 6)
	require.Len(t, query(`"filter":{"role":null}`), 4)
	require.Equal(t, []any{z}, query(`"filter":{"isSubscribed":false}`))
	require.Equal(t, []any{b, z}, query(byName+`,"filter":{"operator":"OR","conditions":[{"name":"banana"},{"name":"zebra"}]}`))
	require.Equal(t, []any{a}, query(`"filter":{"operator":"AND","conditions":[{"name":"ap"},{"operator":"NOT","conditions":[{"name":"r"}]}]}`))
	tree := query(byName + `,"sortAsTree":true,"filter":{"role":null}`)
	require.Equal(t, []any{a, b, z, y}, tree)
	require.Equal(t, []any{a, b}, query(byName+`,"filterAsTree":true,"filter":{"isSubscribed":true,"role":null}`))
	require.Equal(t, []any{z, a}, query(`"filter":{"role":null,"parentId":null},"sort":[{"property":"name","isAscending":false}]`))
	require.Equal(t, []any{y}, query(byName+`,"position":1,"limit":1`))
	require.Equal(t, []any{z}, query(byName+`,"position":-1`))
	require.Equal(t, []any{y, all[2]}, query(byName+`,"anchor":"`+a+`","anchorOffset":1,"limit":2`))
	deep := strings.Repeat(`{"operator":"NOT","conditions":[`, 4) + `{}` + strings.Repeat(`]}`, 4)
	require.Equal(t, "unsupportedFilter", c.fails("Mailbox/query", `"filter":`+deep))

	state := c.ok("Mailbox/query", byName)["queryState"].(string)
	c.ok("Mailbox/set", `"update":{"`+a+`":{"name":"yard"}}`)
	changes := c.ok("Mailbox/queryChanges", byName+`,"calculateTotal":true,"sinceQueryState":"`+state+`"`)
	require.Equal(t, []any{a}, changes["removed"])
	require.Equal(t, js(t, `[{"id":"`+a+`","index":8}]`), changes["added"])
	require.EqualValues(t, 10, changes["total"])
	require.Equal(t, "tooManyChanges", c.fails("Mailbox/queryChanges", byName+`,"maxChanges":1,"sinceQueryState":"`+state+`"`))
}

// Subscriptions belong to the user, also in a shared account.
func TestSharedSubscription(t *testing.T) {
	c := newClient(t, Limits{})
	require.NoError(t, c.store.Share("alice", "bob"))
	bob := clientFor(t, c.store, c.url, "bob")
	bob.account = c.account
	require.Equal(t, false, bob.boxes()["Inbox"]["isSubscribed"])
	inbox := c.mailbox("inbox")
	bob.ok("Mailbox/set", `"update":{"`+inbox+`":{"isSubscribed":true}}`)
	c.ok("Mailbox/set", `"update":{"`+inbox+`":{"isSubscribed":false}}`)
	require.Equal(t, true, bob.boxes()["Inbox"]["isSubscribed"])
	require.Equal(t, false, c.boxes()["Inbox"]["isSubscribed"])
}

// Result references and creation ids across calls (RFC 8620 sections 3.7 and 5.3).
func TestReferencesAcrossCalls(t *testing.T) {
	c := newClient(t, Limits{})
	blob := c.upload(message("hi", "a@example.org", "body"))
	response := c.raw(`
		["Mailbox/set",{"accountId":"$A","create":{"box":{"name":"New"}}},"0"],
		["Email/import",{"accountId":"$A","emails":{"mail":{"blobId":"` + blob + `","mailboxIds":{"#box":true}}}},"1"],
		["Email/set",{"accountId":"$A","update":{"#mail":{"keywords/$flagged":true,"mailboxIds/#box":true}}},"2"],
		["Email/query",{"accountId":"$A"},"3"],
		["Email/get",{"accountId":"$A","#ids":{"resultOf":"3","name":"Email/query","path":"/ids"},"properties":["threadId","keywords"]},"4"],
		["Thread/get",{"accountId":"$A","#ids":{"resultOf":"4","name":"Email/get","path":"/list/*/threadId"}},"5"],
		["Email/get",{"accountId":"$A","#ids":{"resultOf":"5","name":"Thread/get","path":"/list/*/emailIds"},"properties":["id"]},"6"],
		["Email/get",{"accountId":"$A","#ids":{"resultOf":"5","name":"Email/get","path":"/list"}},"7"]`)
	names := []string{}
	for _, r := range response.MethodResponses {
		names = append(names, r.Name)
	}
	require.Equal(t, []string{"Mailbox/set", "Email/import", "Email/set", "Email/query", "Email/get", "Thread/get", "Email/get", "error"}, names)
	list := plain(t, response.MethodResponses[4].Raw)["list"].([]any)
	require.Equal(t, map[string]any{"$flagged": true}, list[0].(map[string]any)["keywords"])
	require.Len(t, plain(t, response.MethodResponses[6].Raw)["list"], 1)
	require.Equal(t, "invalidResultReference", plain(t, response.MethodResponses[7].Raw)["type"])
	require.Nil(t, response.CreatedIDs)

	r := c.do("POST", pathAPI, strings.NewReader(`{`+usingMail+`,"createdIds":{"in":"`+c.mailbox("inbox")+`"},"methodCalls":[["Mailbox/set",{"accountId":"`+c.account+`","create":{"k":{"name":"below","parentId":"#in"}}},"0"]]}`), "Content-Type", "application/json")
	created := js(t, readAll(t, r)).(map[string]any)["createdIds"].(map[string]any)
	require.Equal(t, c.mailbox("inbox"), created["in"])
	require.Contains(t, created, "k")
}

// Many faults in one call are found in bounded time.
func TestMailboxSetHostile(t *testing.T) {
	c := newClient(t, Limits{})
	var chain, same []string
	for i := range 2000 {
		chain = append(chain, fmt.Sprintf(`"c%04d":{"name":"x","parentId":"#c%04d"}`, i, i+1))
		same = append(same, fmt.Sprintf(`"s%d":{"name":"same"}`, i))
	}
	result := c.ok("Mailbox/set", `"create":{`+strings.Join(chain, ",")+`}`)
	require.Len(t, result["notCreated"], 2000)
	require.Nil(t, result["created"])
	result = c.ok("Mailbox/set", `"create":{`+strings.Join(same, ",")+`}`)
	require.Len(t, result["notCreated"], 1999)
	require.Len(t, result["created"], 1)
	require.Len(t, c.boxes(), 7)
	// A chain that is right, given the wrong way round, gets as deep as allowed.
	chain = chain[:30]
	chain = append(chain, `"c0030":{"name":"root"}`)
	result = c.ok("Mailbox/set", `"create":{`+strings.Join(chain, ",")+`}`)
	require.Len(t, result["created"], DefaultLimits().MaxMailboxDepth)
}

// Mailbox/queryChanges knows nothing of trees, so that the changes of a result in the order of one cannot be told.
func TestMailboxTreesHaveNoChanges(t *testing.T) {
	c := newClient(t, Limits{})
	require.Equal(t, true, c.ok("Mailbox/query", `"sort":[{"property":"name"}]`)["canCalculateChanges"])
	require.Equal(t, false, c.ok("Mailbox/query", `"sort":[{"property":"name"}],"sortAsTree":true`)["canCalculateChanges"])
	require.Equal(t, false, c.ok("Mailbox/query", `"filter":{"hasAnyRole":true},"filterAsTree":true`)["canCalculateChanges"])
}
