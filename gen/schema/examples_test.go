package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// examples returns the JSON examples of the RFCs by the name "rfc8620.txtar 3.3.1/1.json".
func examples(t testing.TB) map[string][]byte {
	all := map[string][]byte{}
	for _, name := range []string{"rfc8620.txtar", "rfc8621.txtar", "rfc8887.txtar", "rfc9404.txtar"} {
		archive, err := txtar.ParseFile("testdata/" + name)
		require.NoError(t, err)
		for _, f := range archive.Files {
			all[name+" "+f.Name] = f.Data
		}
	}
	return all
}

// otherExamples says what the examples are that are no calls.
var otherExamples = map[string]func() any{
	"rfc8620.txtar 2.1/1.json":     func() any { return new(jmap.Session) },
	"rfc8620.txtar 3.3.1/1.json":   func() any { return new(jmap.Request) },
	"rfc8620.txtar 3.4.1/1.json":   func() any { return new(jmap.Response) },
	"rfc8620.txtar 3.6.1.1/1.json": func() any { return new(jmap.RequestError) },
	"rfc8620.txtar 3.6.1.1/2.json": func() any { return new(jmap.RequestError) },
	"rfc8620.txtar 3.7/3.json":     func() any { return new(jmap.EmailGet) },
	"rfc8620.txtar 3.7/6.json":     func() any { return new(jmap.EmailGet) },
	"rfc8620.txtar 7.1.1/1.json":   func() any { return new(jmap.StateChange) },
	"rfc8620.txtar 7.2.3/5.json":   func() any { return new(jmap.PushVerification) },
	"rfc8621.txtar 4.1.2.3/1.json": func() any { return new([]jmap.EmailAddress) },
	"rfc8621.txtar 4.1.2.4/1.json": func() any { return new([]jmap.EmailAddressGroup) },
	"rfc8621.txtar 4.4.2/1.json":   func() any { return new([]jmap.Comparator) },
	"rfc8887.txtar 3/1.json":       func() any { return new(jmap.WebSocketCapability) },
	"rfc8887.txtar 4.4/1.json":     func() any { return new(jmap.WebSocketPushEnable) },
	"rfc8887.txtar 4.4/2.json":     func() any { return new(jmap.WebSocketStateChange) },
	"rfc8887.txtar 4.4/3.json":     func() any { return new(jmap.Request) },
	"rfc8887.txtar 4.4/4.json":     func() any { return new(jmap.RequestError) },
}

// propertyLists are the examples that name the properties a client gets when it asks for none.
var propertyLists = map[string]func([]string) []string{
	"rfc8621.txtar 4.2/1.json": otherBodyProperties,
	"rfc8621.txtar 4.2/2.json": otherEmailProperties,
	"rfc8621.txtar 4.9/1.json": otherEmailProperties,
}

func otherEmailProperties(names []string) []string {
	_, others := jmap.ParseEmailProperties(names)
	return others
}

func otherBodyProperties(names []string) []string {
	_, others := jmap.ParseEmailBodyPartProperties(names)
	return others
}

// wrongExamples are those that break the RFC they are in.
var wrongExamples = map[string]string{
	"rfc8621.txtar 4.2.1/1.json": "the request has no accountId",
	"rfc9404.txtar 4.1.2/1.json": "the requests have no accountId",
	"rfc9404.txtar 4.2.1/3.json": "the response has no notFound",
	"rfc9404.txtar 4.2.2/1.json": "the requests have no accountId",
	"rfc9404.txtar 4.3.1/1.json": "the request has no accountId",
	"rfc9404.txtar 4.3.1/2.json": "the response has no accountId",
}

func TestExamples(t *testing.T) {
	for name, text := range examples(t) {
		t.Run(name, func(t *testing.T) {
			if empty, ok := otherExamples[name]; ok {
				v := empty()
				require.NoError(t, json.Unmarshal(text, v))
				again, err := json.Marshal(v)
				require.NoError(t, err)
				require.Equal(t, meaning(t, text), meaning(t, again))
				return
			}
			if others, ok := propertyLists[name]; ok {
				var names []string
				require.NoError(t, json.Unmarshal(text, &names))
				require.Empty(t, others(names))
				return
			}
			for _, i := range invocations(t, text) {
				problem := checkInvocation(t, i)
				if reason, wrong := wrongExamples[name]; wrong {
					require.NotEmpty(t, problem, "but %s", reason)
				} else {
					require.Empty(t, problem)
				}
			}
		})
	}
}

// invocations reads a list of invocations, or one alone.
func invocations(t *testing.T, text []byte) []jmap.Invocation {
	var list []jmap.Invocation
	if json.Unmarshal(text, &list) == nil {
		return list
	}
	list = make([]jmap.Invocation, 1)
	require.NoError(t, json.Unmarshal(text, &list[0]), "%s", text)
	return list
}

// checkInvocation reports what is wrong: the arguments should be those of the request or of the response, with
// nothing unknown or invalid in them, and mean the same when they are written again.
func checkInvocation(t *testing.T, i jmap.Invocation) string {
	if i.Name == "error" {
		var methodError *jmap.MethodError
		require.ErrorAs(t, i.Into(new(jmap.EmailGetResponse)), &methodError)
		return ""
	}
	request, ok := jmap.NewMethod(i.Name)
	if !ok {
		require.True(t, strings.HasPrefix(i.Name, "Foo/") || strings.HasPrefix(i.Name, "Todo/"), i.Name)
		return ""
	}
	asRequest, asResponse := fit(t, i, request), fit(t, i, responseOf(request))
	if asRequest == "" || asResponse == "" {
		return ""
	}
	return fmt.Sprintf("%s %s\nas request: %s\nas response: %s", i.Name, i.Raw, asRequest, asResponse)
}

// responseOf returns the empty response of a method.
func responseOf(request jmap.Method) jmap.Method {
	return reflect.ValueOf(request).MethodByName("NewResponse").Call(nil)[0].Interface().(jmap.Method)
}

func fit(t *testing.T, i jmap.Invocation, to jmap.Method) string {
	if err := i.Into(to); err != nil {
		return err.Error()
	}
	if odd := oddities(reflect.ValueOf(to)); odd != "" && i.Name != "Core/echo" {
		return odd
	}
	again, err := json.Marshal(to)
	require.NoError(t, err)
	if want, have := meaning(t, i.Raw), meaning(t, again); !reflect.DeepEqual(want, have) {
		return "written again it is " + string(again)
	}
	return ""
}

// oddities finds the first Extra or Invalid that is not empty.
func oddities(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return oddities(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			if odd := oddities(v.Index(i)); odd != "" {
				return odd
			}
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			if odd := oddities(v.MapIndex(k)); odd != "" {
				return odd
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if (name == "Extra" || name == "Invalid") && v.Field(i).Len() > 0 && !digests(v.Field(i)) {
				return v.Type().Name() + "." + name + " is not empty"
			}
			if v.Type().Field(i).IsExported() {
				if odd := oddities(v.Field(i)); odd != "" {
					return odd
				}
			}
		}
	}
	return ""
}

// digests reports whether all that is in a map are digests, whose names are open (RFC 9404 section 4.2).
func digests(extra reflect.Value) bool {
	if extra.Kind() != reflect.Map {
		return false
	}
	for _, k := range extra.MapKeys() {
		if !strings.HasPrefix(k.String(), "digest:") {
			return false
		}
	}
	return true
}

// meaning decodes JSON and drops what means the same when it is absent: false everywhere, and null and 0
// from its outermost object, or from the objects of its outermost array.
func meaning(t *testing.T, text []byte) any {
	var v any
	require.NoError(t, json.Unmarshal(text, &v))
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for _, item := range list {
		object, _ := item.(map[string]any)
		maps.DeleteFunc(object, func(_ string, member any) bool { return member == nil || member == 0.0 })
	}
	dropFalse(v)
	return v
}

func dropFalse(v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			dropFalse(item)
		}
	case map[string]any:
		maps.DeleteFunc(v, func(_ string, member any) bool { return member == false })
		for _, member := range v {
			dropFalse(member)
		}
	}
}
