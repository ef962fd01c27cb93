package schema

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// roundTripTypes returns an empty value of every request and response, and of what is in none of them.
func roundTripTypes(t testing.TB) []any {
	list := []any{
		new(jmap.Session), new(jmap.CoreCapability), new(jmap.MailCapability), new(jmap.SubmissionCapability),
		new(jmap.UploadResponse), new(jmap.StateChange), new(jmap.PushVerification), new(jmap.PushPing),
		new(jmap.WebSocketCapability), new(jmap.WebSocketMessage), new(jmap.WebSocketStateChange),
		new(jmap.WebSocketPushEnable), new(jmap.WebSocketPushDisable),
		new(jmap.RequestError), new(jmap.MethodError),
	}
	for _, d := range parsedSchema(t).methods() {
		request, ok := jmap.NewMethod(d.Name)
		require.True(t, ok, d.Name)
		list = append(list, request, responseOf(request))
	}
	return list
}

// TestRoundTrip writes values of every type and reads them back.
func TestRoundTrip(t *testing.T) {
	for _, empty := range roundTripTypes(t) {
		typ := reflect.TypeOf(empty).Elem()
		t.Run(typ.Name(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				v := reflect.New(typ)
				fillValue(t, v.Elem(), 3)
				text, err := json.Marshal(v.Interface())
				require.NoError(t, err)
				back := reflect.New(typ)
				require.NoError(t, json.Unmarshal(text, back.Interface()), "%s", text)
				require.Empty(t, sameValue(v, back), "%s", text)
				again, err := json.Marshal(back.Interface())
				require.NoError(t, err)
				require.Equal(t, string(text), string(again))
			})
		})
	}
}

// fillValue fills v with what a caller may put there. depth bounds types that contain themselves.
func fillValue(t *rapid.T, v reflect.Value, depth int) {
	if fillSpecial(t, v, depth) {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(rapid.String().Draw(t, "string"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Int64, reflect.Int:
		v.SetInt(rapid.Int64Range(-1<<53+1, 1<<53-1).Draw(t, "int"))
	case reflect.Uint64:
		v.SetUint(rapid.Uint64Range(0, 1<<53-1).Draw(t, "uint"))
	case reflect.Pointer:
		if depth > 0 && rapid.Bool().Draw(t, "present") {
			v.Set(reflect.New(v.Type().Elem()))
			fillValue(t, v.Elem(), depth-1)
		}
	case reflect.Slice:
		fillSlice(t, v, depth)
	case reflect.Map:
		fillMap(t, v, depth)
	case reflect.Struct:
		fillStruct(t, v, depth)
	default:
		t.Fatalf("no values for %s", v.Type())
	}
}

// fillSpecial fills the types that do not take every value of their kind.
func fillSpecial(t *rapid.T, v reflect.Value, depth int) bool {
	switch v.Interface().(type) {
	case jmap.Date:
		zone := time.FixedZone("", rapid.IntRange(-12, 14).Draw(t, "zone")*3600)
		v.Set(reflect.ValueOf(jmap.NewDate(someTime(t).In(zone))))
	case jmap.UTCDate:
		v.Set(reflect.ValueOf(jmap.NewUTCDate(someTime(t))))
	case jmap.FilterOperatorType:
		v.SetString(rapid.SampledFrom([]string{"AND", "OR", "NOT"}).Draw(t, "operator"))
	case json.RawMessage:
		v.SetBytes([]byte(rapid.SampledFrom([]string{`{}`, `{"a":[1,null,"x"]}`, `"s"`, `1.5`, `true`}).Draw(t, "raw")))
	case jmap.HeaderFields:
		if rapid.Bool().Draw(t, "headers") {
			v.Set(reflect.ValueOf(jmap.HeaderFields{"header:X-Y:asText:all": json.RawMessage(`["z"]`)}))
		}
	default:
		return fillFilter(t, v, depth)
	}
	return true
}

func someTime(t *rapid.T) time.Time {
	return time.Unix(rapid.Int64Range(-1e9, 4e9).Draw(t, "seconds"), 0)
}

// fillFilter fills an interface with a condition or an operator, or leaves it nil.
func fillFilter(t *rapid.T, v reflect.Value, depth int) bool {
	if v.Kind() != reflect.Interface {
		return false
	}
	operators := map[reflect.Type][2]reflect.Type{
		reflect.TypeFor[jmap.EmailFilter]():           {reflect.TypeFor[jmap.EmailFilterOperator](), reflect.TypeFor[jmap.EmailFilterCondition]()},
		reflect.TypeFor[jmap.MailboxFilter]():         {reflect.TypeFor[jmap.MailboxFilterOperator](), reflect.TypeFor[jmap.MailboxFilterCondition]()},
		reflect.TypeFor[jmap.EmailSubmissionFilter](): {reflect.TypeFor[jmap.EmailSubmissionFilterOperator](), reflect.TypeFor[jmap.EmailSubmissionFilterCondition]()},
	}
	which := 1
	if depth > 0 {
		which = rapid.IntRange(0, 1).Draw(t, "condition")
	}
	f := reflect.New(operators[v.Type()][which])
	fillValue(t, f.Elem(), depth-1)
	v.Set(f)
	return true
}

func fillSlice(t *rapid.T, v reflect.Value, depth int) {
	n := rapid.IntRange(0, 2).Draw(t, "length")
	if depth <= 0 {
		n = 0
	}
	v.Set(reflect.MakeSlice(v.Type(), n, n))
	for i := range n {
		fillElement(t, v.Index(i), depth)
	}
}

func fillMap(t *rapid.T, v reflect.Value, depth int) {
	v.Set(reflect.MakeMap(v.Type()))
	for range rapid.IntRange(0, 2).Draw(t, "entries") {
		key := reflect.New(v.Type().Key()).Elem()
		fillValue(t, key, 0)
		value := reflect.New(v.Type().Elem()).Elem()
		fillElement(t, value, depth)
		v.SetMapIndex(key, value)
	}
}

// fillElement fills what must not be nil.
func fillElement(t *rapid.T, v reflect.Value, depth int) {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	fillValue(t, v, depth-1)
}

// onlyTypes are the only values that @type can have.
var onlyTypes = map[reflect.Type]string{
	reflect.TypeFor[jmap.StateChange]():          "StateChange",
	reflect.TypeFor[jmap.PushVerification]():     "PushVerification",
	reflect.TypeFor[jmap.WebSocketStateChange](): "StateChange",
	reflect.TypeFor[jmap.WebSocketPushEnable]():  "WebSocketPushEnable",
	reflect.TypeFor[jmap.WebSocketPushDisable](): "WebSocketPushDisable",
}

// fillStruct leaves Has and Invalid alone: decoding sets them. An argument has a value or a reference.
func fillStruct(t *rapid.T, v reflect.Value, depth int) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		switch field.Name {
		case "Has", "Invalid":
			continue
		case "Extra":
			if rapid.Bool().Draw(t, "extra") {
				v.Field(i).Set(reflect.ValueOf(map[string]json.RawMessage{"example.com:x": json.RawMessage(`{"y":1}`)}))
			}
			continue
		case "Type":
			if fixed, ok := onlyTypes[v.Type()]; ok {
				v.Field(i).SetString(fixed)
				continue
			}
		}
		fillValue(t, v.Field(i), depth)
		if field.Type == reflect.TypeFor[*jmap.ResultReference]() && !v.Field(i).IsNil() {
			v.Field(i - 1).SetZero()
		}
	}
}

// sameValue reports where two values differ, the sets in Has aside. Empty lists and maps are the same as
// none, times are the same when they are the same moment.
func sameValue(a, b reflect.Value) string {
	if x, ok := a.Interface().(time.Time); ok {
		if !x.Equal(b.Interface().(time.Time)) {
			return "times differ"
		}
		return ""
	}
	switch a.Kind() {
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() || b.IsNil() {
			return differ(a.IsNil() != b.IsNil(), a.Type().String())
		}
		return sameValue(a.Elem(), b.Elem())
	case reflect.Slice:
		if a.Len() != b.Len() {
			return a.Type().String()
		}
		for i := range a.Len() {
			if d := sameValue(a.Index(i), b.Index(i)); d != "" {
				return d
			}
		}
	case reflect.Map:
		if a.Len() != b.Len() {
			return a.Type().String()
		}
		for _, k := range a.MapKeys() {
			if !b.MapIndex(k).IsValid() {
				return a.Type().String()
			}
			if d := sameValue(a.MapIndex(k), b.MapIndex(k)); d != "" {
				return d
			}
		}
	case reflect.Struct:
		for i := range a.NumField() {
			if name := a.Type().Field(i).Name; name != "Has" {
				if d := sameValue(a.Field(i), b.Field(i)); d != "" {
					return name + ": " + d
				}
			}
		}
	default:
		return differ(!a.Equal(b), a.Type().String())
	}
	return ""
}

func differ(is bool, what string) string {
	if is {
		return what
	}
	return ""
}
