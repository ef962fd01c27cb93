package server

import (
	"slices"

	"github.com/dragoman-mail/dragoman/server/mailbox"
	"github.com/dragoman-mail/dragoman/server/pattern"
)

// node is a name in the hierarchy; box is nil for a level that is no mailbox, such as the invisible parent of a visible
// mailbox.
type node struct {
	path string
	box  *mailbox.Box
}

// listed is a name that a LIST found.
type listed struct {
	node
	childInfo bool // a descendant meets the selection (RFC 9051 section 6.3.9.6)
}

// treeOf puts the missing levels between mailboxes, each before the first mailbox below it.
func treeOf(boxes []*mailbox.Box) []node {
	known := make(map[string]bool, len(boxes))
	for _, box := range boxes {
		known[box.Path] = true
	}
	nodes := make([]node, 0, len(boxes))
	for _, box := range boxes {
		for _, parent := range parentsOf(box.Path) {
			if !known[parent] {
				known[parent] = true
				nodes = append(nodes, node{path: parent})
			}
		}
		nodes = append(nodes, node{path: box.Path, box: box})
	}
	return nodes
}

// parentsOf are the levels above a path, the highest first.
func parentsOf(path string) []string {
	var parents []string
	for i := range len(path) {
		if path[i] == delimiter {
			parents = append(parents, path[:i])
		}
	}
	return parents
}

// matches tells whether a pattern asks for the name; levels that are no mailboxes are there for patterns that end
// in "%" only.
func (l *listing) matches(n node) bool {
	return slices.ContainsFunc(l.patterns, func(p pattern.Pattern) bool {
		return (n.box != nil || p.EndsInPercent()) && p.Match(n.path)
	})
}

// selects tells whether a name meets all selection options.
func (l *listing) selects(n node) bool {
	if n.box == nil {
		return !l.subscribed && !l.specialUse
	}
	return (!l.subscribed || n.box.Subscribed) && (!l.specialUse || specialUse[n.box.Role] != "")
}

// choose follows RFC 9051 section 6.3.9.3 and the table of section 6.3.9.6.
func (l *listing) choose(nodes []node) []listed {
	below, unlisted := l.descendants(nodes)
	var chosen []listed
	for _, n := range nodes {
		if !l.matches(n) {
			continue
		}
		if l.selects(n) || unlisted[n.path] {
			chosen = append(chosen, listed{node: n, childInfo: below[n.path]})
		}
	}
	return chosen
}

// descendants finds, for RECURSIVEMATCH, the names with a selected name below them, and those where one such is not
// listed itself.
func (l *listing) descendants(nodes []node) (below, unlisted map[string]bool) {
	below, unlisted = map[string]bool{}, map[string]bool{}
	if !l.recursive {
		return below, unlisted
	}
	for _, n := range nodes {
		if !l.selects(n) {
			continue
		}
		hidden := !l.matches(n)
		for _, parent := range parentsOf(n.path) {
			below[parent] = true
			unlisted[parent] = unlisted[parent] || hidden
		}
	}
	return below, unlisted
}

// attributes are those of a LIST response. Clients of RFC 3501 know \Noselect only.
func (f listed) attributes(subscriptions bool) []string {
	if f.box == nil {
		return []string{`\NonExistent`, `\Noselect`, `\HasChildren`}
	}
	attributes := attributesOf(f.box)
	if subscriptions && f.box.Subscribed {
		attributes = append(attributes, `\Subscribed`)
	}
	return attributes
}
