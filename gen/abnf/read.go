package abnf

import (
	"bytes"
	"errors"
	"fmt"
)

// maxSteps bounds the work on one file; the largest RFC takes a few hundred
// thousand steps.
const maxSteps = 50_000_000

// maxDepth bounds the nesting of groups and options.
const maxDepth = 200

// Error is a fault in a file: where it is and what it is.
type Error struct {
	File string
	Line int
	Rule string // the rule it is in, where that is known
	Msg  string
}

func (e *Error) Error() string {
	where := fmt.Sprintf("%s:%d: ", e.File, e.Line)
	if e.Rule != "" {
		where += "rule " + e.Rule + ": "
	}
	return where + e.Msg
}

// Read reads the text of an ABNF file; name is used in errors and kept in
// the result.
func Read(name string, text []byte) (*File, error) {
	if line := firstInvalid(text); line > 0 {
		return nil, &Error{File: name, Line: line, Msg: "not UTF-8"}
	}
	if line := tooDeep(text); line > 0 {
		return nil, &Error{File: name, Line: line, Msg: fmt.Sprintf("groups nest deeper than %d", maxDepth)}
	}
	if n := len(text); n > 0 && text[n-1] != '\n' {
		text = append(text[:n:n], '\n')
	}
	v, err := Parse(name, text, MaxExpressions(maxSteps))
	if err != nil {
		return nil, syntaxError(name, text, err)
	}
	f := v.(*File)
	f.Name = name
	return f, nil
}

// tooDeep returns the line where groups nest beyond maxDepth, or 0.
func tooDeep(text []byte) int {
	line, depth := 1, 0
	for _, c := range text {
		switch c {
		case '\n':
			line++
		case '(', '[':
			depth++
		case ')', ']':
			depth = max(depth-1, 0)
		}
		if depth > maxDepth {
			return line
		}
	}
	return 0
}

// syntaxError turns the first error of the generated parser into an *Error.
// The line is counted here: pigeon's own is one too high for an error at the end
// of a line.
func syntaxError(name string, text []byte, err error) error {
	var errs errList
	if errors.As(err, &errs) && len(errs) > 0 {
		err = errs[0]
	}
	var pe *parserError
	if errors.As(err, &pe) {
		line := 1 + bytes.Count(text[:pe.pos.offset], []byte{'\n'})
		return &Error{File: name, Line: line, Msg: pe.Inner.Error()}
	}
	return fmt.Errorf("%s: %w", name, err)
}
