//go:build ignore

package parser

import (
	"slices"
	"strings"
)

// Error is a syntax error. Tag and Command are filled as far as they could be read.
type Error struct {
	Tag     string
	Command string // "UID FETCH", or "" when it is not known
	Offset  int    // octet of the line where matching stopped
	Text    string // what is wrong, fit for a BAD reply: one line of ASCII
}

func (e *Error) Error() string { return e.Text }

// maxName bounds the name of an unknown command that an error repeats.
const maxName = 32

// commandError makes the error of a command line that has not matched, or whose
// values are not valid.
func (p *state) commandError() *Error {
	e := p.lineError()
	p.quiet++
	i := p.skipTag(0)
	if i < 0 {
		e.Text = "no tag before the command"
		return e
	}
	e.Tag = string(p.s[:i])
	name, end := p.commandName(i)
	switch {
	case name == "":
		e.Text = "no command behind the tag"
	case slices.Contains(commandNames, name):
		e.Command = name
		e.Text = name + ": " + e.Text
	case p.wrong == "" && !p.deep && p.far <= end:
		if len(name) > maxName {
			name = name[:maxName]
		}
		e.Text = "unknown command " + name
	}
	return e
}

// commandName reads the name behind the tag, two words for the UID forms, in upper
// case, and gives the offset behind it.
func (p *state) commandName(i int) (string, int) {
	name := ""
	for {
		if i >= len(p.s) || p.s[i] != ' ' {
			return name, i
		}
		end := p.skipAtom(i + 1)
		if end < 0 || end-i > 2*maxName {
			return name, i
		}
		word := strings.ToUpper(string(p.s[i+1 : end]))
		if name != "" {
			return name + " " + word, end
		}
		name, i = word, end
		if name != "UID" {
			return name, end
		}
	}
}

// lineError says what was expected where matching stopped.
func (p *state) lineError() *Error {
	switch {
	case p.wrong != "":
		return &Error{Offset: p.wrongAt, Text: "value of " + p.wrong + " is not valid"}
	case p.deep:
		return &Error{Offset: p.far, Text: "nested too deep"}
	}
	var wants []string
	for _, w := range p.wants[:p.nwant] {
		if text := expectations[w]; !slices.Contains(wants, text) {
			wants = append(wants, text)
		}
	}
	text := "syntax error"
	switch {
	case len(wants) == 0:
	case p.far >= len(p.s):
		text = "line ends too early: expected " + strings.Join(wants, " or ")
	default:
		text = "expected " + strings.Join(wants, " or ")
	}
	return &Error{Offset: p.far, Text: text}
}
