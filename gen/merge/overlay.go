package merge

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/dragoman-mail/dragoman/gen/abnf"
)

// OverlayFile holds the exceptions, each with its reason.
const OverlayFile = "overlay.abnf"

// entry is one exception of the overlay.
type entry struct {
	kind   string
	names  []string // keys of the rules after the kind; of a gate, the capabilities
	reason string
	rules  []*abnf.Rule
	line   int
}

// shape says what an entry of one kind has to have.
type shape struct{ names, rules, added bool }

var shapes = map[string]shape{
	"replace":   {rules: true},
	"define":    {rules: true},
	"attach":    {rules: true, added: true},
	"drop":      {rules: true},
	"remove":    {names: true},
	"name":      {names: true, rules: true},
	"wider":     {names: true},
	"catch-all": {names: true},
	"commit":    {names: true},
	"entry":     {names: true}, // with or without rules
	"leftover":  {names: true},
	"gate":      {names: true, rules: true},
}

var entryHead = regexp.MustCompile(`^ ?([a-z-]+)((?: +[A-Za-z][A-Za-z0-9=+-]*)*): *(.*)$`)

// readOverlay reads the overlay into its entries.
func readOverlay(fsys fs.FS) ([]*entry, error) {
	text, err := fs.ReadFile(fsys, OverlayFile)
	if err != nil {
		return nil, fmt.Errorf("reading the overlay: %w", err)
	}
	f, err := abnf.Read(OverlayFile, text)
	if err != nil {
		return nil, err
	}
	var entries []*entry
	var cur *entry
	lastLine := 0
	for _, it := range f.Items {
		switch it := it.(type) {
		case *abnf.Comment:
			cur = comment(it, cur, lastLine, &entries)
			lastLine = it.Line
		case *abnf.Rule:
			if cur == nil {
				return nil, fault(it.Line, it.Name, "no entry above it says what to do with it")
			}
			cur.rules = append(cur.rules, it)
		}
	}
	for _, e := range entries {
		if err := e.check(); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// comment starts an entry, adds to the reason of the one whose comment it goes
// on, or ends the entry before it.
func comment(c *abnf.Comment, cur *entry, lastLine int, entries *[]*entry) *entry {
	if m := entryHead.FindStringSubmatch(c.Text); m != nil {
		if _, ok := shapes[m[1]]; ok {
			e := &entry{kind: m[1], reason: m[3], line: c.Line}
			for _, name := range strings.Fields(m[2]) {
				if e.kind != "gate" {
					name = abnf.Key(name)
				}
				e.names = append(e.names, name)
			}
			*entries = append(*entries, e)
			return e
		}
	}
	if cur != nil && len(cur.rules) == 0 && c.Line == lastLine+1 {
		cur.reason = strings.TrimSpace(cur.reason + " " + strings.TrimSpace(c.Text))
		return cur
	}
	return nil
}

// check reports an entry that does not have the shape of its kind.
func (e *entry) check() error {
	s := shapes[e.kind]
	switch {
	case e.reason == "":
		return fault(e.line, "", e.kind+" has no reason")
	case s.names != (len(e.names) > 0):
		return fault(e.line, "", e.kind+map[bool]string{true: " names no rule", false: " takes no names"}[s.names])
	case s.rules && len(e.rules) == 0:
		return fault(e.line, "", e.kind+" has no rule below it")
	case !s.rules && len(e.rules) > 0 && e.kind != "entry":
		return fault(e.rules[0].Line, e.rules[0].Name, e.kind+" takes no rules")
	case (e.kind == "wider" || e.kind == "commit") && len(e.names) != 2:
		return fault(e.line, "", e.kind+" needs two names")
	}
	for _, r := range e.rules {
		if r.Added != s.added {
			return fault(r.Line, r.Name, e.kind+" wants "+map[bool]string{true: "=/", false: "="}[s.added])
		}
		if e.kind == "entry" && !slices.Contains(e.names, abnf.Key(r.Name)) {
			return fault(r.Line, r.Name, "the entry does not name it")
		}
	}
	return nil
}

// fault is an error at a line of the overlay.
func fault(line int, rule, msg string) error {
	return &abnf.Error{File: OverlayFile, Line: line, Rule: rule, Msg: msg}
}

// of returns the entries of a kind.
func of(entries []*entry, kinds ...string) []*entry {
	var out []*entry
	for _, e := range entries {
		if slices.Contains(kinds, e.kind) {
			out = append(out, e)
		}
	}
	return out
}
