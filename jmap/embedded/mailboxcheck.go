package embedded

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// roles are the Mailbox attributes of the IANA registry that say what a Mailbox is for.
var roles = []string{
	"all", "archive", "drafts", "flagged", "important", "inbox", "junk", "memos", "scheduled", "sent",
	"snoozed", "subscribed", "trash",
}

// newMailbox checks the properties of a Mailbox to make.
func (s *mailboxSetter) newMailbox(m *jmap.Mailbox) (*mailboxRow, *jmap.SetError) {
	if m == nil {
		return nil, invalidProperties("a Mailbox is an object")
	}
	bad := slices.Concat(m.Invalid, (m.Has & jmap.MailboxServerSet).Names(), slices.Sorted(maps.Keys(m.Extra)))
	if m.Has&jmap.MailboxPropertyName == 0 && !slices.Contains(bad, "name") {
		bad = append(bad, "name")
	}
	if len(bad) > 0 {
		return nil, invalidProperties("not properties that can be set, or of the wrong type", bad...)
	}
	row := &mailboxRow{}
	row.subscribe(s.user, true)
	return row, s.setMailbox(row, m)
}

// setMailbox takes over the properties that m has.
func (s *mailboxSetter) setMailbox(row *mailboxRow, m *jmap.Mailbox) *jmap.SetError {
	if m.Has&jmap.MailboxPropertyName != 0 {
		name, err := checkName(m.Name, s.store.limits.MaxSizeMailboxName)
		if err != nil {
			return invalidProperties(err.Error(), "name")
		}
		row.Name = name
	}
	if m.Has&jmap.MailboxPropertyParentID != 0 {
		row.Parent = 0
		if m.ParentID != nil {
			n, ok := parseID(prefixMailbox, s.id(*m.ParentID))
			if !ok || s.plan[n] == nil {
				return invalidProperties("there is no such parent", "parentId")
			}
			row.Parent = n
		}
	}
	if m.Has&jmap.MailboxPropertyRole != 0 {
		row.Role = ""
		if m.Role != nil {
			if !slices.Contains(roles, *m.Role) {
				return invalidProperties("there is no such role", "role")
			}
			row.Role = *m.Role
		}
	}
	if m.Has&jmap.MailboxPropertySortOrder != 0 {
		if m.SortOrder >= 1<<31 {
			return invalidProperties("it must be less than 2^31", "sortOrder")
		}
		row.SortOrder = m.SortOrder
	}
	if m.Has&jmap.MailboxPropertyIsSubscribed != 0 {
		row.subscribe(s.user, m.IsSubscribed)
	}
	return nil
}

// checkName returns a name as Net-Unicode (RFC 5198).
func checkName(name string, limit int) (string, error) {
	name = norm.NFC.String(name)
	switch {
	case name == "":
		return "", fmt.Errorf("a name has at least one character")
	case len(name) > limit:
		return "", fmt.Errorf("a name has at most %d octets", limit)
	case !utf8.ValidString(name):
		return "", fmt.Errorf("a name is UTF-8")
	}
	for _, r := range name {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\ufffe' || r == '\uffff' {
			return "", fmt.Errorf("a name has no control characters")
		}
	}
	return name, nil
}

// patchMailbox applies a patch and returns the name that it asks for, if any.
func (s *mailboxSetter) patchMailbox(row *mailboxRow, p *jmap.MailboxPatch) (string, *jmap.SetError) {
	if p == nil {
		return "", setError(jmap.SetErrorInvalidPatch, "a patch is an object")
	}
	whole, _, refusal := splitPatch(p.Patch)
	if refusal != nil {
		return "", refusal
	}
	current := plainRecord(row.record(s.user).AppendJSON(nil))
	var bad []string
	for name, value := range whole {
		property, others := jmap.ParseMailboxProperties([]string{name})
		switch {
		case len(others) > 0, property&jmap.MailboxServerSet != 0 && !sameValue(current, name, value):
			bad = append(bad, name)
		case property&jmap.MailboxServerSet != 0:
			delete(whole, name)
		case name == "sortOrder" && isNull(value):
			whole[name] = json.RawMessage("0")
		case name == "isSubscribed" && isNull(value):
			whole[name] = json.RawMessage("true")
		}
	}
	text, err := json.Marshal(whole)
	m := new(jmap.Mailbox)
	if err == nil {
		err = m.UnmarshalJSON(text)
	}
	if err != nil {
		return "", setError(jmap.SetErrorInvalidPatch, "%v", err)
	}
	if bad = append(bad, m.Invalid...); len(bad) > 0 {
		slices.Sort(bad)
		return "", invalidProperties("not properties that can be changed, or of the wrong type", bad...)
	}
	return m.Name, s.setMailbox(row, m)
}

// mailboxFault is why a plan is not valid, and the Mailboxes that have to do with it.
type mailboxFault struct {
	involved []uint64
	refusal  *jmap.SetError
}

// siblingName is what only one Mailbox has.
type siblingName struct {
	parent uint64
	name   string
}

// mend goes over the plan once and takes steps back at each fault. It says whether there was
// none (RFC 8621 section 2).
func (s *mailboxSetter) mend() (valid bool, err error) {
	valid = true
	names := map[siblingName]uint64{}
	byRole := map[string]uint64{}
	for _, n := range sortedKeys(s.plan) {
		m := s.plan[n]
		if m == nil {
			continue
		}
		f := s.faultBeside(n, names[siblingName{m.Parent, m.Name}], byRole[m.Role])
		if f == nil {
			f = s.faultAbove(n)
		}
		if f == nil {
			names[siblingName{m.Parent, m.Name}], byRole[m.Role] = n, n
			continue
		}
		valid = false
		if !s.takeBack(f) {
			return false, fmt.Errorf("checking Mailboxes: %w: %s", ErrCorrupt, f.refusal.Description)
		}
	}
	return valid, nil
}

// faultBeside compares a Mailbox with those that had the same name or role when they were seen.
func (s *mailboxSetter) faultBeside(n, named, withRole uint64) *mailboxFault {
	m := s.plan[n]
	if other := s.plan[named]; other != nil && other.Parent == m.Parent && other.Name == m.Name {
		return &mailboxFault{[]uint64{n, named}, invalidProperties("a sibling has the same name", "name")}
	}
	if other := s.plan[withRole]; other != nil && m.Role != "" && other.Role == m.Role {
		return &mailboxFault{[]uint64{n, withRole}, invalidProperties("another Mailbox has the role", "role")}
	}
	return nil
}

// faultAbove follows the parents of a Mailbox.
func (s *mailboxSetter) faultAbove(n uint64) *mailboxFault {
	path := []uint64{n}
	for m := s.plan[n]; m.Parent != 0; {
		if s.plan[m.Parent] == nil {
			if s.destroys(m.Parent) {
				return &mailboxFault{[]uint64{m.Parent}, invalidProperties("the parent is destroyed", "parentId")}
			}
			return &mailboxFault{path, invalidProperties("there is no such parent", "parentId")}
		}
		if slices.Contains(path, m.Parent) {
			return &mailboxFault{path, invalidProperties("the parents are in a loop", "parentId")}
		}
		path = append(path, m.Parent)
		if len(path) > s.store.limits.MaxMailboxDepth {
			return &mailboxFault{path, invalidProperties("the Mailbox would be nested too deep", "parentId")}
		}
		m = s.plan[m.Parent]
	}
	return nil
}

func (s *mailboxSetter) destroys(n uint64) bool {
	return slices.ContainsFunc(s.steps, func(st *mailboxStep) bool { return st.id == n && st.kind == changeDestroyed })
}

func sortedKeys[K ~uint64, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
