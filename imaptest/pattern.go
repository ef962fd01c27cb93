package imaptest

import (
	"fmt"
	"strconv"
	"strings"
)

// pattern is one argument that a script expects.
type pattern struct {
	kind    kind
	text    template  // of atoms and strings
	toCode  bool      // "$]": everything up to the end of the response code
	list    []pattern // of lists
	rules   rules
	written string // as in the script
}

// rules say how a list matches.
type rules struct {
	unordered bool
	chain     int // how many elements belong together
	extra     bool
	ignore    []string
	ban       []string
}

// ordinary are the rules of a list without directives: the same elements in the same order.
func ordinary() rules { return rules{chain: 1} }

// parsePatterns makes patterns of an expected reply.
func parsePatterns(args []arg) ([]pattern, error) {
	return patterns(args, defaults{name: replyName(args), path: []int{}})
}

// replyName is the word that says what kind of reply it is.
func replyName(args []arg) string {
	for i, a := range args {
		if i > 1 || a.kind != kindAtom {
			break
		}
		if i == 0 && (a.text[0] == '$' || '0' <= a.text[0] && a.text[0] <= '9') {
			continue
		}
		return strings.ToUpper(a.text)
	}
	return ""
}

// defaults find the rules of lists that have no directives, by their place in the reply.
type defaults struct {
	name  string
	path  []int  // indexes of the lists around
	after string // the atom before this list
}

func (d defaults) at(i int, after string) defaults {
	return defaults{d.name, append(d.path[:len(d.path):len(d.path)], i), after}
}

// rules are the rules for the list at the place.
func (d defaults) rules() rules {
	r := ordinary()
	switch {
	case len(d.path) == 1 && (d.name == "LIST" || d.name == "LSUB") && d.path[0] == 1:
		r.unordered, r.extra = true, true
	case len(d.path) == 1 && (d.name == "STATUS" || d.name == "FETCH") && d.path[0] == 2:
		r.unordered, r.extra, r.chain = true, true, 2
	case len(d.path) == 2 && d.name == "FETCH" && d.path[0] == 2 && strings.EqualFold(d.after, "FLAGS"):
		r.unordered, r.ignore = true, []string{`\recent`}
	}
	return r
}

func patterns(args []arg, d defaults) ([]pattern, error) {
	var list []pattern
	after := ""
	for i, a := range args {
		p, err := newPattern(a, d.at(i, after))
		if err != nil {
			return nil, err
		}
		list = append(list, p)
		after = a.text
	}
	return list, nil
}

func newPattern(a arg, d defaults) (pattern, error) {
	p := pattern{kind: a.kind, written: a.String()}
	var err error
	switch a.kind {
	case kindList:
		err = p.setList(a.list, d)
	case kindAtom, kindString:
		switch {
		case a.kind == kindAtom && a.text == "$]":
			p.toCode = true
		case a.kind == kindAtom && strings.HasPrefix(a.text, "$!"):
			err = fmt.Errorf("the directive %s is not at the beginning of a list", a.text)
		default:
			p.text, err = parseTemplate(a.text)
		}
	}
	return p, err
}

func (p *pattern) setList(elements []arg, d defaults) error {
	p.rules = ordinary()
	order, directives := extraUnsaid, 0
	for ; directives < len(elements); directives++ {
		a := elements[directives]
		if a.kind != kindAtom || !strings.HasPrefix(a.text, "$!") {
			break
		}
		if err := p.rules.directive(a.text[len("$!"):], &order); err != nil {
			return err
		}
	}
	if directives == 0 {
		p.rules = d.rules()
	} else {
		p.rules.extra = order == extraAllowed || order == extraUnsaid && p.rules.unordered
	}
	var err error
	if p.list, err = patterns(elements[directives:], d); err != nil {
		return err
	}
	if len(p.list)%p.rules.chain != 0 {
		return fmt.Errorf("a list of chains of %d has %d elements", p.rules.chain, len(p.list))
	}
	return nil
}

// extraRule is what the directives say of further elements.
type extraRule uint8

const (
	extraUnsaid extraRule = iota
	extraAllowed
	extraForbidden
)

func (r *rules) directive(text string, extra *extraRule) error {
	name, value, valued := strings.Cut(text, "=")
	switch {
	case name == "ordered" && !valued:
		r.unordered = false
	case name == "unordered":
		r.unordered = true
		if valued {
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 || n > 100 {
				return fmt.Errorf("the directive $!%s: a number from 1 to 100 should follow", text)
			}
			r.chain = n
		}
	case name == "extra" && !valued:
		*extra = extraAllowed
	case name == "noextra" && !valued:
		*extra = extraForbidden
	case name == "ignore" && value != "":
		r.ignore = append(r.ignore, value)
	case name == "ban" && value != "":
		r.ban = append(r.ban, value)
	default:
		return fmt.Errorf("there is no directive $!%s", text)
	}
	return nil
}

// formatPatterns writes patterns as in the script.
func formatPatterns(list []pattern) string {
	texts := make([]string, len(list))
	for i, p := range list {
		texts[i] = p.written
	}
	return strings.Join(texts, " ")
}
