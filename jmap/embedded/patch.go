package embedded

import (
	"encoding/json"
	"reflect"
	"slices"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// plainRecord takes a record in JSON apart for sameValue; it is nil for one that is none.
func plainRecord(text []byte) (properties map[string]any) {
	if json.Unmarshal(text, &properties) != nil {
		return nil
	}
	return properties
}

// sameValue says whether a value in a patch is the one that the record has, as it may be for
// properties that cannot change (RFC 8620 section 5.3).
func sameValue(record map[string]any, property string, value json.RawMessage) bool {
	var given any
	if json.Unmarshal(value, &given) != nil {
		return false
	}
	current, ok := record[property]
	return ok && reflect.DeepEqual(current, given)
}

// splitPatch parts a patch into whole properties and entries of properties. It reports paths
// that are in each other's way, or too deep.
func splitPatch(p jmap.Patch, keyed ...string) (whole map[string]json.RawMessage, entries map[string]map[string]json.RawMessage, refusal *jmap.SetError) {
	if err := p.Check(); err != nil {
		return nil, nil, setError(jmap.SetErrorInvalidPatch, "%v", err)
	}
	whole = map[string]json.RawMessage{}
	entries = map[string]map[string]json.RawMessage{}
	for path, value := range p {
		property, keys := p.Property(path)
		if len(keys) == 0 {
			whole[property] = value
			continue
		}
		if len(keys) > 1 || !slices.Contains(keyed, property) {
			return nil, nil, setError(jmap.SetErrorInvalidPatch, "there is nothing at %q", path)
		}
		if entries[property] == nil {
			entries[property] = map[string]json.RawMessage{}
		}
		entries[property][keys[0]] = value
	}
	return whole, entries, nil
}

// isNull says whether a value is JSON's null.
func isNull(v json.RawMessage) bool { return string(v) == "null" }
