package schema

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

func TestCallAndReference(t *testing.T) {
	var q jmap.Request
	q.Using = []string{jmap.CapabilityCore, jmap.CapabilityMail}
	query := jmap.Add(&q, &jmap.EmailQuery{AccountID: "a", Filter: &jmap.EmailFilterOperator{Operator: jmap.FilterNot, Conditions: []jmap.EmailFilter{&jmap.EmailFilterCondition{InMailbox: "m"}}}})
	jmap.Add(&q, &jmap.EmailGet{AccountID: "a", IDsRef: query.Ref("/ids"), Properties: []string{"id"}})
	jmap.Add(&q, &jmap.EmailSet{AccountID: "a", Update: map[jmap.ID]*jmap.EmailPatch{"e": jmap.NewEmailPatch().SetKeyword("$seen", true).SetMailbox("m", false)}})
	b, err := json.Marshal(q)
	require.NoError(t, err)
	require.JSONEq(t, `{"using":["urn:ietf:params:jmap:core","urn:ietf:params:jmap:mail"],"methodCalls":[
	["Email/query",{"accountId":"a","filter":{"operator":"NOT","conditions":[{"inMailbox":"m"}]}},"c0"],
	["Email/get",{"accountId":"a","#ids":{"resultOf":"c0","name":"Email/query","path":"/ids"},"properties":["id"]},"c1"],
	["Email/set",{"accountId":"a","update":{"e":{"keywords/$seen":true,"mailboxIds/m":null}}},"c2"]]}`, string(b))
	var back jmap.Request
	require.NoError(t, json.Unmarshal(b, &back))
	var eq jmap.EmailQuery
	require.NoError(t, back.MethodCalls[0].Into(&eq))
	require.Equal(t, jmap.FilterNot, eq.Filter.(*jmap.EmailFilterOperator).Operator)

	var e jmap.Email
	require.NoError(t, json.Unmarshal([]byte(`{"id":"x","subject":null,"size":"no","header:X:asText":"v","keywords":{"$seen":true}}`), &e))
	require.Equal(t, []string{"size"}, e.Invalid)
	out, _ := json.Marshal(&e)
	require.JSONEq(t, `{"id":"x","subject":null,"header:X:asText":"v","keywords":{"$seen":true}}`, string(out))
}
