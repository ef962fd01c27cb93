package emit

import (
	"path"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/dragoman-mail/dragoman/gen/bind"
	"github.com/dragoman-mail/dragoman/gen/peg"
)

// productions adds the ABNF of a rule to a doc comment, with where it stands. What two
// RFCs say alike is shown once.
func (t *types) productions(file *jen.File, rules []string) {
	for _, rule := range rules {
		var shown []string
		for _, src := range t.m.grammar.Rule(rule).Sources {
			if text := squeeze(src.ABNF); !slices.Contains(shown, text) {
				shown = append(shown, text)
				t.production(file, src.ABNF, src)
			}
		}
	}
}

func (t *types) production(file *jen.File, abnf string, src peg.Source) {
	file.Comment("//")
	for line := range strings.Lines(abnf) {
		file.Comment("//\t" + strings.TrimRight(line, " \r\n"))
	}
	file.Comment("//")
	file.Comment(t.place(src))
}

// caseProductions adds the alternatives that make one case of a union.
func (t *types) caseProductions(file *jen.File, s *structType) {
	for _, of := range s.cases {
		var shown []string
		tokens := t.tokens(of.c)
		for _, rule := range append([]string{of.rule}, t.m.scopes[of.rule].inside...) {
			for _, src := range t.m.grammar.Rule(rule).Sources {
				text := alternativesWith(src.ABNF, tokens)
				if text == "" || slices.Contains(shown, squeeze(text)) {
					continue
				}
				shown = append(shown, squeeze(text))
				t.production(file, text, src)
			}
		}
		if shown == nil {
			file.Comment("//")
			file.Comment("It is one case of " + of.rule + ", " + t.place(t.m.grammar.Rule(of.rule).Sources[0]))
		}
	}
}

// tokens gives what tells the alternatives of a case: its keywords or the rule that it
// needs.
func (t *types) tokens(c *bind.Case) []string {
	var list []string
	quoted := func(words ...string) {
		for _, w := range words {
			if w != "" {
				list = append(list, `"`+strings.ToUpper(w)+`"`)
			}
		}
	}
	switch {
	case len(c.When) > 0:
		quoted(c.When...)
		return list
	case c.With != "":
		return []string{strings.ToUpper(c.With)}
	}
	for _, f := range c.Fields {
		if f.Optional || f.List || f.Flag != "" || f.Unset != "" {
			continue
		}
		for _, src := range f.Sources {
			switch {
			case src.Rule != "":
				list = append(list, strings.ToUpper(src.Rule))
			case src.Literal != "":
				quoted(src.Literal)
			default:
				for _, k := range t.m.enums[src.Enum].Consts {
					quoted(k.Text)
				}
			}
		}
		return list
	}
	return list
}

// alternativesWith gives a production with only the alternatives that hold one of the
// tokens, or "".
func alternativesWith(abnf string, tokens []string) string {
	name, right, ok := strings.Cut(abnf, "=")
	if !ok {
		return ""
	}
	all := alternatives(strings.TrimPrefix(right, "/"))
	var kept []string
	for _, a := range all {
		for _, w := range words(a) {
			if slices.Contains(tokens, strings.ToUpper(w)) {
				kept = append(kept, squeeze(a))
				break
			}
		}
	}
	switch {
	case len(kept) == 0:
		return ""
	case len(kept) == len(all):
		return abnf
	}
	name = strings.TrimSpace(name)
	return name + " = " + strings.Join(kept, " /\n"+strings.Repeat(" ", len(name)+3))
}

// alternatives splits a right side at its outermost slashes.
func alternatives(abnf string) []string {
	var list []string
	depth, start := 0, 0
	quoted := false
	for i, c := range abnf {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '[' || c == '<':
			depth++
		case c == ')' || c == ']' || c == '>':
			depth--
		case c == '/' && depth == 0:
			list = append(list, abnf[start:i])
			start = i + 1
		}
	}
	return append(list, abnf[start:])
}

// words splits ABNF into rule names and quoted strings.
func words(abnf string) []string {
	var list []string
	for abnf != "" {
		if abnf[0] == '"' {
			end := strings.IndexByte(abnf[1:], '"') + 2
			list = append(list, abnf[:end])
			abnf = abnf[end:]
			continue
		}
		end := strings.IndexFunc(abnf, func(r rune) bool {
			return r != '-' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
		})
		switch {
		case end < 0:
			return append(list, abnf)
		case end > 0:
			list = append(list, abnf[:end])
			abnf = abnf[end:]
		default:
			abnf = abnf[1:]
		}
	}
	return list
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

func (t *types) place(src peg.Source) string {
	if src.RFC == 0 {
		return "From " + path.Join("grammar", t.m.target.Folder, src.File) + "."
	}
	text := "RFC " + itoa(src.RFC)
	if src.Section != "" {
		text += " section " + src.Section
	}
	return text + "."
}
