package embedded

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// FuzzAPI posts anything: the answer is a response or problem details, and never an internal error.
func FuzzAPI(f *testing.F) {
	s := openStore(f, Limits{})
	require.NoError(f, s.AddAccount("alice", "secret"))
	c := clientFor(f, s, "http://in.process", "alice")
	c.http = clientOf(s)
	a := s.accounts[c.account]
	c.importMail(multipartMail, c.mailbox("inbox"), "")
	blob := c.upload(multipartMail)
	for _, call := range []string{
		`["Email/get",{"accountId":"$A","ids":["e1"],"properties":["bodyStructure","header:From:asAddresses"]},"0"]`,
		`["Email/query",{"accountId":"$A","filter":{"operator":"NOT","conditions":[{"text":"\"a b\" 'c"}]},"sort":[{"property":"subject"}],"anchor":"e1"},"0"]`,
		`["Email/set",{"accountId":"$A","create":{"k":{"mailboxIds":{"m1":true},"subject":"x","textBody":[{"partId":"1"}],"bodyValues":{"1":{"value":"x"}}}},"update":{"#k":{"keywords/x":true}},"destroy":["#k"]},"0"]`,
		`["Mailbox/set",{"accountId":"$A","create":{"a":{"name":"x","parentId":"#b"},"b":{"name":"x"}},"update":{"m2":{"parentId":"m3"}},"destroy":["m4"]},"0"]`,
		`["Email/import",{"accountId":"$A","emails":{"k":{"blobId":"` + blob + `","mailboxIds":{"m1":true},"keywords":{"a":true}}}},"0"]`,
		`["Email/parse",{"accountId":"$A","blobIds":["` + blob + `"]},"0"]`,
		`["Mailbox/query",{"accountId":"$A","sortAsTree":true},"0"],["Mailbox/get",{"accountId":"$A","#ids":{"resultOf":"0","name":"Mailbox/query","path":"/ids"}},"1"]`,
		`["Email/queryChanges",{"accountId":"$A","sinceQueryState":"0","collapseThreads":true},"0"]`,
		`["SearchSnippet/get",{"accountId":"$A","emailIds":["e1"],"filter":{"text":"menu"}},"0"]`,
		`["Email/changes",{"accountId":"$A","sinceState":"0","maxChanges":1},"0"]`,
		strings.Repeat(`{"operator":"AND","conditions":[`, 100),
	} {
		f.Add(`{` + usingMail + `,"methodCalls":[` + strings.ReplaceAll(call, "$A", a.id) + `]}`)
	}
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest("POST", pathAPI, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.SetBasicAuth("alice", "secret")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != 200 {
			require.GreaterOrEqual(t, w.Code, 400)
			require.Less(t, w.Code, 500)
			return
		}
		response := new(jmap.Response)
		require.NoError(t, response.UnmarshalJSON(w.Body.Bytes()))
		for _, m := range response.MethodResponses {
			if m.Name == "error" {
				require.NotEqual(t, "serverFail", plain(t, m.Raw)["type"], "%s", m.Raw)
			}
		}
	})
}

// Large and deep requests are answered in bounded time.
func TestHostileRequests(t *testing.T) {
	c := newClient(t, Limits{})
	deep := strings.Repeat(`{"operator":"NOT","conditions":[`, 60) + `{}` + strings.Repeat(`]}`, 60)
	require.Equal(t, "unsupportedFilter", c.fails("Email/query", `"filter":`+deep))
	many := strings.TrimSuffix(strings.Repeat(`"e1",`, 1_000_000), ",")
	require.Equal(t, "requestTooLarge", c.fails("Email/get", `"ids":[`+many+`]`))
	require.Equal(t, "requestTooLarge", c.fails("Email/set", `"destroy":[`+many+`]`))
	wide := func(n int) string { return strings.TrimSuffix(strings.Repeat(`{"hasKeyword":"x"},`, n), ",") }
	require.Empty(t, c.ok("Email/query", `"filter":{"operator":"OR","conditions":[`+wide(maxConditions-1)+`]}`)["ids"])
	require.Equal(t, "unsupportedFilter", c.fails("Email/query", `"filter":{"operator":"OR","conditions":[`+wide(90_000)+`]}`))
	for _, value := range []string{`null`, `7`, `"x"`, `[]`, `[null]`, `{}`, `{"x":null}`, `true`, `-1`, `1e400`, `"\ud800"`} {
		for _, argument := range []string{"ids", "properties", "filter", "sort", "position", "create", "update", "destroy", "emails", "sinceState", "blobIds", "ifInState"} {
			for method := range methods {
				if method == "Core/echo" || strings.HasPrefix(method, "PushSubscription") {
					continue
				}
				r := c.do("POST", pathAPI, strings.NewReader(`{`+usingMail+`,"methodCalls":[["`+method+`",{"accountId":"`+c.account+`","`+argument+`":`+value+`},"0"]]}`), "Content-Type", "application/json")
				body := readAll(t, r)
				require.Less(t, r.StatusCode, 500)
				require.NotContains(t, body, "serverFail", "%s %s %s", method, argument, value)
			}
		}
	}
}
