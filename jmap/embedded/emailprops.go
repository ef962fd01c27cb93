package embedded

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// maxKeyword is the most characters of a keyword (RFC 8621 section 4.1.1).
const maxKeyword = 255

// checkKeyword returns the keyword in lower case.
func checkKeyword(k string) (string, bool) {
	if k == "" || len(k) > maxKeyword {
		return "", false
	}
	for i := range len(k) {
		if k[i] <= ' ' || k[i] > '~' || strings.IndexByte(`(){]%*"\`, k[i]) >= 0 {
			return "", false
		}
	}
	return strings.ToLower(k), true
}

// keywordList checks the keywords property.
func (b *batch) keywordList(m map[string]bool) ([]string, *jmap.SetError) {
	var list []string
	for k, v := range m {
		k, ok := checkKeyword(k)
		if !ok || !v {
			return nil, invalidProperties("not a set of keywords", "keywords")
		}
		list = append(list, k)
	}
	return b.checkKeywords(list)
}

// checkKeywords sorts the keywords of an Email.
func (b *batch) checkKeywords(list []string) ([]string, *jmap.SetError) {
	slices.Sort(list)
	list = slices.Compact(list)
	if len(list) > b.store.limits.MaxKeywordsPerEmail {
		return nil, setError(jmap.SetErrorTooManyKeywords, "at most %d", b.store.limits.MaxKeywordsPerEmail)
	}
	return list, nil
}

// mailboxList checks the mailboxIds property; ids may refer to Mailboxes made before.
func (b *batch) mailboxList(s *snapshot, m map[jmap.ID]bool) ([]uint64, *jmap.SetError) {
	boxes, err := s.mailboxes()
	if err != nil {
		return nil, setError("serverFail", "the Mailboxes could not be read")
	}
	var list []uint64
	for id, v := range m {
		n, ok := parseID(prefixMailbox, b.id(id))
		if !ok || !v || boxes[n] == nil {
			return nil, invalidProperties("not a set of Mailboxes", "mailboxIds")
		}
		list = append(list, n)
	}
	return b.checkMailboxes(list)
}

// checkMailboxes sorts the Mailboxes of an Email, which are never none.
func (b *batch) checkMailboxes(list []uint64) ([]uint64, *jmap.SetError) {
	slices.Sort(list)
	list = slices.Compact(list)
	switch {
	case len(list) == 0:
		return nil, invalidProperties("an Email is in one Mailbox at least", "mailboxIds")
	case len(list) > b.store.limits.MaxMailboxesPerEmail:
		return nil, setError(jmap.SetErrorTooManyMailboxes, "at most %d", b.store.limits.MaxMailboxesPerEmail)
	}
	return list, nil
}

// patchEmail applies a patch to a copy of the row. Only keywords and Mailboxes can change;
// other properties may be given as they are (RFC 8621 section 4.6).
func (b *batch) patchEmail(w *writer, old *emailRow, p *jmap.EmailPatch) (*emailRow, *jmap.SetError) {
	if p == nil {
		return nil, setError(jmap.SetErrorInvalidPatch, "a patch is an object")
	}
	whole, entries, refusal := splitPatch(p.Patch, "keywords", "mailboxIds")
	if refusal != nil {
		return nil, refusal
	}
	e := old.clone()
	if value, ok := whole["keywords"]; ok {
		delete(whole, "keywords")
		if e.keywords, refusal = b.wholeKeywords(value); refusal != nil {
			return nil, refusal
		}
	}
	if value, ok := whole["mailboxIds"]; ok {
		delete(whole, "mailboxIds")
		if e.mailboxes, refusal = b.wholeMailboxes(w, value); refusal != nil {
			return nil, refusal
		}
	}
	if refusal := b.patchKeywords(e, entries["keywords"]); refusal != nil {
		return nil, refusal
	}
	if refusal := b.patchMailboxes(w, e, entries["mailboxIds"]); refusal != nil {
		return nil, refusal
	}
	return e, b.checkUnchanged(w, old, whole)
}

func (b *batch) wholeKeywords(value json.RawMessage) ([]string, *jmap.SetError) {
	var m map[string]bool
	if json.Unmarshal(value, &m) != nil {
		return nil, invalidProperties("not a set of keywords", "keywords")
	}
	return b.keywordList(m)
}

func (b *batch) wholeMailboxes(w *writer, value json.RawMessage) ([]uint64, *jmap.SetError) {
	var m map[jmap.ID]bool
	if json.Unmarshal(value, &m) != nil {
		return nil, invalidProperties("not a set of Mailboxes", "mailboxIds")
	}
	return b.mailboxList(&w.snapshot, m)
}

// entryOn reads the value of an entry: true puts it in, null takes it out.
func entryOn(v json.RawMessage) (on, ok bool) {
	return string(v) == "true", string(v) == "true" || isNull(v)
}

func (b *batch) patchKeywords(e *emailRow, entries map[string]json.RawMessage) *jmap.SetError {
	if len(entries) == 0 {
		return nil
	}
	set := map[string]bool{}
	for _, k := range e.keywords {
		set[k] = true
	}
	for key, value := range entries {
		k, valid := checkKeyword(key)
		on, ok := entryOn(value)
		if !valid || !ok {
			return invalidProperties("not a keyword that is set or removed", "keywords/"+key)
		}
		if on {
			set[k] = true
		} else {
			delete(set, k)
		}
	}
	var refusal *jmap.SetError
	e.keywords, refusal = b.checkKeywords(slices.Collect(maps.Keys(set)))
	return refusal
}

func (b *batch) patchMailboxes(w *writer, e *emailRow, entries map[string]json.RawMessage) *jmap.SetError {
	if len(entries) == 0 {
		return nil
	}
	for key, value := range entries {
		n, valid := parseID(prefixMailbox, b.id(jmap.ID(key)))
		on, ok := entryOn(value)
		if !ok || on && (!valid || w.boxes[n] == nil) {
			return invalidProperties("not a Mailbox that is set or removed", "mailboxIds/"+key)
		}
		if e.mailboxes = without(e.mailboxes, n); on {
			e.mailboxes = append(e.mailboxes, n)
		}
	}
	var refusal *jmap.SetError
	e.mailboxes, refusal = b.checkMailboxes(e.mailboxes)
	return refusal
}

// checkUnchanged refuses other values for properties that cannot change.
func (b *batch) checkUnchanged(w *writer, row *emailRow, whole map[string]json.RawMessage) *jmap.SetError {
	if len(whole) == 0 {
		return nil
	}
	names := slices.Sorted(maps.Keys(whole))
	view, err := newEmailView(names, 0, bodyView{all: true}, nil)
	if err != nil {
		_, others := jmap.ParseEmailProperties(names)
		return invalidProperties("not properties that can be changed", others...)
	}
	// What has more octets than a request may have is not the same as something in a request.
	text, err := b.whole(&w.snapshot, view, row, &meter{int(b.store.limits.MaxSizeRequest)})
	record := plainRecord(text)
	var bad []string
	for _, name := range names {
		if err != nil || !sameValue(record, name, whole[name]) {
			bad = append(bad, name)
		}
	}
	if len(bad) > 0 {
		return invalidProperties("not properties that can be changed", bad...)
	}
	return nil
}
