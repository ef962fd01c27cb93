package schema

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// TestWrongArguments wants an error that names the argument, which a server answers with invalidArguments.
func TestWrongArguments(t *testing.T) {
	for text, path := range map[string]string{
		`{}`:                                                   "accountId",
		`{"accountId":1}`:                                      "accountId",
		`{"accountId":null}`:                                   "accountId",
		`{"accountId":"a","ids":"x"}`:                          "ids",
		`{"accountId":"a","ids":["x",{}]}`:                     "ids/1",
		`{"accountId":"a","maxBodyValueBytes":-1}`:             "maxBodyValueBytes",
		`{"accountId":"a","fetchAllBodyValues":null}`:          "fetchAllBodyValues",
		`{"accountId":"a","#ids":{"resultOf":"a","name":"b"}}`: "#ids",
	} {
		err := json.Unmarshal([]byte(text), new(jmap.EmailGet))
		var wrong *jmap.DecodeError
		require.ErrorAs(t, err, &wrong, text)
		require.Equal(t, path, wrong.Path, text)
	}
	require.ErrorIs(t, json.Unmarshal([]byte(`{}`), new(jmap.EmailGet)), jmap.ErrMissing)
}

func TestUnknownArgumentIsKept(t *testing.T) {
	var get jmap.EmailGet
	require.NoError(t, json.Unmarshal([]byte(`{"accountId":"a","nope":[1]}`), &get))
	require.Equal(t, map[string]json.RawMessage{"nope": json.RawMessage("[1]")}, get.Extra)
}

// TestInvalidPropertyOfARecord wants the rest of the record and of the call to be there: a server rejects
// the one record, a client does without the one property.
func TestInvalidPropertyOfARecord(t *testing.T) {
	var set jmap.EmailSet
	require.NoError(t, json.Unmarshal([]byte(`{"accountId":"a","create":{
		"k1":{"mailboxIds":{"m":true},"keywords":{"$seen":1},"subject":["x"],"from":[{"email":5}],"nope":1},
		"k2":{"mailboxIds":{"m":true}}}}`), &set))
	bad := set.Create["k1"]
	require.Equal(t, []string{"keywords", "subject", "from"}, bad.Invalid)
	require.Equal(t, jmap.EmailPropertyMailboxIDs, bad.Has)
	require.Nil(t, bad.From)
	require.Contains(t, bad.Extra, "nope")
	require.Empty(t, set.Create["k2"].Invalid)
	require.Error(t, json.Unmarshal([]byte(`{"accountId":"a","create":{"k1":[]}}`), &set))
}

func TestNullWhereThereShouldBeNone(t *testing.T) {
	var session jmap.Session
	require.NoError(t, json.Unmarshal([]byte(`{"capabilities":null,"accounts":{"a":{"name":"x","accountCapabilities":null}},"new":1}`), &session))
	require.Equal(t, "x", session.Accounts["a"].Name)
	require.Contains(t, session.Extra, "new")
	var mail jmap.MailCapability
	require.NoError(t, json.Unmarshal([]byte(`null`), &mail))
	require.NoError(t, json.Unmarshal([]byte(`{"maxMailboxDepth":null,"maxSizeMailboxName":null,"emailsListSortOptions":["x"]}`), &mail))
}

func TestFilters(t *testing.T) {
	const text = `{"operator":"AND","conditions":[{"hasKeyword":"$seen"},{"operator":"NOT","conditions":[{"minSize":5}]}]}`
	f, err := jmap.ParseEmailFilter([]byte(text))
	require.NoError(t, err)
	require.Equal(t, text, string(f.AppendJSON(nil)))

	f, err = jmap.ParseEmailFilter([]byte(`{"unheardOf":1}`))
	require.NoError(t, err)
	require.Contains(t, f.(*jmap.EmailFilterCondition).Extra, "unheardOf")

	m, err := jmap.ParseMailboxFilter([]byte(`{"parentId":null}`))
	require.NoError(t, err)
	require.Equal(t, jmap.MailboxFilterConditionPropertyParentID, m.(*jmap.MailboxFilterCondition).Has)
	require.Equal(t, `{"parentId":null}`, string(m.AppendJSON(nil)))

	for _, wrong := range []string{
		`{"operator":"XOR","conditions":[]}`, `{"operator":"AND"}`, `{"conditions":[]}`, `{"minSize":"5"}`, `[]`, `null`,
		`{"operator":"AND","conditions":[],"minSize":5}`, `{"operator":"AND","conditions":[null]}`,
	} {
		_, err := jmap.ParseEmailFilter([]byte(wrong))
		require.Error(t, err, wrong)
	}
}

func TestSelect(t *testing.T) {
	subject := "s"
	e := &jmap.Email{ID: "x", Subject: &subject, Size: 5, Keywords: map[string]bool{"$seen": true}}
	p, others := jmap.ParseEmailProperties([]string{"id", "keywords", "inReplyTo", "header:X", "nope"})
	require.Equal(t, []string{"header:X", "nope"}, others)
	require.Equal(t, []string{"id", "keywords", "inReplyTo"}, p.Names())
	text, err := json.Marshal(e.Select(p))
	require.NoError(t, err)
	require.Equal(t, `{"id":"x","keywords":{"$seen":true},"inReplyTo":null}`, string(text))
}

func TestPatches(t *testing.T) {
	p := jmap.NewMailboxPatch().SetName("x").SetRole(nil).SetIsSubscribed(false)
	text, err := json.Marshal(p)
	require.NoError(t, err)
	require.Equal(t, `{"isSubscribed":false,"name":"x","role":null}`, string(text))
	var set jmap.MailboxSet
	require.NoError(t, json.Unmarshal([]byte(`{"accountId":"a","update":{"m":{"name":"y"}}}`), &set))
	require.Equal(t, json.RawMessage(`"y"`), set.Update["m"].Patch["name"])
	require.Equal(t, `{"keywords/a~1b":true}`, string((&jmap.EmailPatch{}).SetKeyword("a/b", true).AppendJSON(nil)))
}

func TestMethodTable(t *testing.T) {
	for _, d := range parsedSchema(t).methods() {
		m, ok := jmap.NewMethod(d.Name)
		require.True(t, ok)
		require.Equal(t, d.Name, m.Method())
		require.Equal(t, d.Name, responseOf(m).Method())
		_, ok = jmap.MethodCapability(d.Name)
		require.True(t, ok, d.Name)
	}
	capability, _ := jmap.MethodCapability("EmailSubmission/set")
	require.Equal(t, jmap.CapabilitySubmission, capability)
	_, ok := jmap.NewMethod("Foo/get")
	require.False(t, ok)
	_, ok = jmap.MethodCapability("Foo/get")
	require.False(t, ok)
}
