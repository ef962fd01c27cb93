package transcript

import (
	"fmt"
	"regexp"
	"strings"
)

// variables holds what $name has come to stand for in one run.
type variables map[string]string

var variable = regexp.MustCompile(`\$[a-z]+[0-9]*\b`)

// value is what a variable can stand for.
const value = `[^ ()\[\]]+|"[^"]*"`

// match tells whether a line that came fits the line expected, and takes the
// values of the variables that it sees for the first time.
func (v variables) match(want, got string) bool {
	names := []string{}
	pattern := "^"
	rest := want
	for _, at := range variable.FindAllStringIndex(want, -1) {
		offset := len(want) - len(rest)
		pattern += regexp.QuoteMeta(rest[:at[0]-offset])
		name := want[at[0]:at[1]]
		if known, ok := v[name]; ok {
			pattern += regexp.QuoteMeta(known)
		} else {
			pattern += "(" + value + ")"
			names = append(names, name)
		}
		rest = want[at[1]:]
	}
	pattern += regexp.QuoteMeta(rest) + "$"
	found := regexp.MustCompile(pattern).FindStringSubmatch(got)
	if want == got && len(names) == 0 {
		return true
	}
	if found == nil {
		return false
	}
	for i, name := range names {
		if known, ok := v[name]; ok && known != found[i+1] {
			return false
		}
		v[name] = found[i+1]
	}
	return true
}

// varying finds what differs between runs in a server's line: the first group.
var varying = regexp.MustCompile(`\b(?:UIDVALIDITY|APPENDUID|COPYUID) ([0-9]+)`)

// generalise puts a variable where a line that came holds what differs between runs.
func (v variables) generalise(got string) string {
	found := varying.FindStringSubmatchIndex(got)
	if found == nil {
		return got
	}
	return got[:found[2]] + v.nameOf("uidvalidity", got[found[2]:found[3]]) + got[found[3]:]
}

func (v variables) nameOf(stem, text string) string {
	for n := 1; ; n++ {
		name := fmt.Sprintf("$%s%d", stem, n)
		if v[name] == "" {
			v[name] = text
		}
		if v[name] == text {
			return name
		}
	}
}

func (v variables) matchAll(want, got []string) bool {
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if !v.match(want[i], got[i]) {
			return false
		}
	}
	return true
}

func indent(lines []string) string {
	if len(lines) == 0 {
		return "    (nothing)"
	}
	return "    " + strings.Join(lines, "\n    ")
}
