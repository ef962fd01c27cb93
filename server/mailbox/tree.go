package mailbox

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/dragoman-mail/dragoman/server/mailbox/name"
	"github.com/dragoman-mail/dragoman/server/store"
)

const (
	// Inbox is the name of the mailbox with that role, in whatever case a client writes it (RFC 9051 section 5.1).
	Inbox     = "INBOX"
	inboxRole = "inbox"
	// Delimiter separates the parts of a path.
	Delimiter = "/"
)

// node is a mailbox with its place in the tree.
type node struct {
	record   store.Mailbox
	path     string
	children bool
	box      *box
}

// tree is the mailboxes of an account by path. It never changes.
type tree struct {
	nodes  []*node // by path, INBOX first
	byPath map[string]*node
	byID   map[string]*node
}

// layout arranges mailboxes in a tree. It sets the Suffix of records that clash with a sibling, and returns the ids
// of those whose Suffix it changed. Of siblings that clash, the one that had the plain name in the previous tree keeps it. box finds
// the mailbox of an id.
func layout(previous *tree, records map[string]store.Mailbox, box func(id string) *box) (*tree, []string) {
	l := layouter{previous: previous, records: records, parents: parentsOf(records), paths: map[string]string{}}
	siblings := map[string][]string{}
	for id, parent := range l.parents {
		siblings[parent] = append(siblings[parent], id)
	}
	l.place("", "", siblings)
	t := &tree{byPath: map[string]*node{}, byID: map[string]*node{}}
	for id, path := range l.paths {
		n := &node{record: records[id], path: path, box: box(id), children: len(siblings[id]) > 0}
		t.nodes = append(t.nodes, n)
		t.byPath[path], t.byID[id] = n, n
	}
	slices.SortFunc(t.nodes, func(a, b *node) int { return comparePaths(a.path, b.path) })
	return t, l.changed
}

// comparePaths sorts by the parts of the paths, INBOX first.
func comparePaths(a, b string) int {
	inbox := func(path string) int {
		if path == Inbox || strings.HasPrefix(path, Inbox+Delimiter) {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(inbox(a), inbox(b)), slices.Compare(strings.Split(a, Delimiter), strings.Split(b, Delimiter)))
}

// parentsOf returns the parent of each mailbox, empty at the top: also for the one that has the role inbox, for those whose
// parent is not there, and for one of each cycle.
func parentsOf(records map[string]store.Mailbox) map[string]string {
	inbox := inboxOf(records)
	parents := map[string]string{}
	for id, record := range records {
		parent := record.ParentID
		if _, ok := records[parent]; !ok || id == inbox {
			parent = ""
		}
		parents[id] = parent
	}
	ids := keysOf(records)
	slices.Sort(ids)
	for _, id := range ids {
		seen := map[string]bool{}
		for at := id; at != ""; at = parents[at] {
			if seen[at] {
				parents[at] = ""
				break
			}
			seen[at] = true
		}
	}
	return parents
}

// inboxOf returns the id of the mailbox with the role inbox: the lowest, should there be several.
func inboxOf(records map[string]store.Mailbox) string {
	found := ""
	for id, record := range records {
		if record.Role == inboxRole && (found == "" || id < found) {
			found = id
		}
	}
	return found
}

type layouter struct {
	previous *tree
	records  map[string]store.Mailbox
	parents  map[string]string
	paths    map[string]string
	changed  []string
}

// place names the children of a mailbox and all below them.
func (l *layouter) place(parent, prefix string, siblings map[string][]string) {
	ids := siblings[parent]
	inbox := inboxOf(l.records)
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(cmp.Compare(l.claim(a), l.claim(b)), cmp.Compare(a, b))
	})
	taken := map[string]bool{}
	if parent == "" {
		taken[Inbox] = true
	}
	for _, id := range ids {
		record := l.records[id]
		part := Inbox
		if id != inbox || parent != "" {
			var suffix string
			part, suffix = l.part(record, parent == "", taken)
			if suffix != record.Suffix {
				record.Suffix = suffix
				l.records[id] = record
				l.changed = append(l.changed, id)
			}
		}
		l.paths[id] = prefix + part
		l.place(id, prefix+part+Delimiter, siblings)
	}
}

// claim ranks what right a mailbox has to its plain name: 0 had it before, 1 is new, 2 had a suffix.
func (l *layouter) claim(id string) int {
	record := l.records[id]
	if record.Suffix != "" {
		return 2
	}
	if was, ok := l.previous.byID[id]; ok && was.record.Name == record.Name && was.record.ParentID == record.ParentID {
		return 0
	}
	return 1
}

// part returns the part of the path that stands for a mailbox, and the suffix in it.
func (l *layouter) part(record store.Mailbox, top bool, taken map[string]bool) (string, string) {
	plain := norm.NFC.String(name.Escape(record.Name))
	suffix := record.Suffix
	if suffix == "" && (plain == "" || taken[fold(plain, top)]) {
		suffix = name.Suffix(record.ID, 0)
	}
	for n := 1; taken[fold(plain+suffix, top)]; n++ {
		suffix = name.Suffix(record.ID, n)
	}
	taken[fold(plain+suffix, top)] = true
	return plain + suffix, suffix
}

// fold returns what two names may not have in common: at the top, INBOX is one name in any case.
func fold(part string, top bool) string {
	if top && strings.EqualFold(part, Inbox) {
		return Inbox
	}
	return part
}

// cleanPath returns a path as the tree has it: NFC, no delimiter at the end, INBOX in capitals.
func cleanPath(path string) string {
	path = strings.TrimSuffix(norm.NFC.String(path), Delimiter)
	first, rest, nested := strings.Cut(path, Delimiter)
	if !strings.EqualFold(first, Inbox) {
		return path
	}
	if nested {
		return Inbox + Delimiter + rest
	}
	return Inbox
}

// resolve returns a path as the tree has it or would have it: parts that a client writes plainly where they are shown escaped, such as
// one with a blank at its end, are escaped.
func (t *tree) resolve(path string) string {
	path = cleanPath(path)
	if _, ok := t.byPath[path]; ok {
		return path
	}
	var out []byte
	inside := true // what is written is the path of a mailbox
	for i, part := range strings.Split(path, Delimiter) {
		if i > 0 {
			out = append(out, Delimiter...)
		}
		start := len(out)
		out = append(out, part...)
		if inside && t.has(out) {
			continue
		}
		out = append(out[:start], name.Escape(name.Unescape(part))...)
		inside = inside && t.has(out)
	}
	return string(out)
}

func (t *tree) has(path []byte) bool {
	_, ok := t.byPath[string(path)]
	return ok
}

func (t *tree) find(path string) (*node, bool) {
	n, ok := t.byPath[t.resolve(path)]
	return n, ok
}
