package pigeon

import (
	"bytes"
	_ "embed"
	"fmt"
	"go/format"
	"sort"
	"strings"
	"text/template"

	"github.com/dragoman-mail/dragoman/gen/peg"
)

//go:embed check.tmpl
var checkText string

var checkTemplate = template.Must(template.New("check").Parse(checkText))

// token is what an error message calls an expected character class.
type token struct{ Class, Name string }

// checkFile returns the source of the function that calls the parser.
func checkFile(g *peg.Grammar, name, title string) ([]byte, error) {
	data := struct {
		Mark    string
		Name    string
		Title   string
		Entries []struct{ Name, Rule string }
		Tokens  []token
	}{Mark: generatedMark, Name: name, Title: title, Tokens: tokens(g)}
	for _, name := range g.Entries {
		data.Entries = append(data.Entries, struct{ Name, Rule string }{name, entryName(name)})
	}
	var out bytes.Buffer
	if err := checkTemplate.Execute(&out, data); err != nil {
		return nil, err
	}
	src, err := format.Source(out.Bytes())
	if err != nil {
		return nil, fmt.Errorf("formatting: %w", err)
	}
	return src, nil
}

// tokens names the character classes: after the rule that is nothing else, or by
// their characters where they are few.
func tokens(g *peg.Grammar) []token {
	names := map[string]string{}
	for _, r := range g.Rules {
		if c, ok := r.Expr.(*peg.Class); ok && names[c.Set.String()] == "" {
			names[c.Set.String()] = spelled(r)
		}
	}
	for _, r := range g.Rules {
		peg.Walk(r.Expr, func(e peg.Expr) {
			c, ok := e.(*peg.Class)
			if !ok {
				return
			}
			if text := c.Set.String(); names[text] == "" {
				names[text] = describe(c.Set)
			}
		})
	}
	var list []token
	for class, name := range names {
		list = append(list, token{class, name})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Class < list[j].Class })
	return list
}

// spelled returns the name of a rule as its RFC spells it.
func spelled(r *peg.Rule) string {
	for _, s := range r.Sources {
		if name, _, ok := strings.Cut(s.ABNF, " "); ok && strings.EqualFold(name, r.Name) {
			return name
		}
	}
	return strings.ToUpper(r.Name)
}

// describe lists the characters of a small set; of a larger one it says no more
// than that it is one.
func describe(set peg.ByteSet) string {
	var names []string
	for c := range 256 {
		if set.Has(byte(c)) {
			names = append(names, character(byte(c)))
		}
	}
	if len(names) > 4 {
		return "another character"
	}
	return strings.Join(names, "\x00")
}

func character(c byte) string {
	switch {
	case c == ' ':
		return "SP"
	case c == '\r':
		return "CRLF"
	case c > ' ' && c < 0x7f:
		return `"` + string(rune(c)) + `"`
	}
	return fmt.Sprintf("%%x%02X", c)
}
