package imaptest

import (
	"fmt"
	"time"
)

// state is how far a test goes before its script begins.
type state uint8

const (
	stateNonauth state = iota
	stateAuth
	stateCreated
	stateAppended
	stateSelected
)

var stateNames = map[string]state{
	"nonauth": stateNonauth, "auth": stateAuth, "created": stateCreated, "appended": stateAppended, "selected": stateSelected,
}

// allMessages is the number of "messages: all".
const allMessages = -1

// maxConnections is how many connections a script may ask for.
const maxConnections = 100

// Script is one test: what its file says, and the mail that belongs to it.
type Script struct {
	// Name is the name of the file without its directory.
	Name string
	// Path is where it was read from, for people.
	Path string

	capabilities []string
	connections  int
	messages     int
	state        state
	strict       bool           // ignore_extra_untagged: no
	users        map[int]string // by connection, from 1: a name or $userN
	groups       []*group
	mbox         []message
	mboxErr      error // why there is none
}

// Commands returns how many commands the script has.
func (s *Script) Commands() int {
	n := 0
	for _, g := range s.groups {
		n += g.size()
	}
	return n
}

// Capabilities returns those without which the test is skipped, as they are written.
func (s *Script) Capabilities() []string { return append([]string(nil), s.capabilities...) }

// group is a command, or several that are on their way at once, with what is expected of them.
type group struct {
	line     int
	conn     int // from 1
	commands []*command
	untagged []expectation
	ordered  bool
	sleep    time.Duration
	output   []template
}

// size is how many commands count.
func (g *group) size() int { return max(1, len(g.commands)) }

// greeting holds for what is expected before any command.
func (g *group) greeting() bool { return len(g.commands) == 0 }

func (g *group) command(tag string) *command {
	for _, c := range g.commands {
		if equalFold(c.tag, tag) {
			return c
		}
	}
	return nil
}

// open tells whether a command has no status yet.
func (g *group) open() bool {
	for _, c := range g.commands {
		if c.want == nil {
			return true
		}
	}
	return false
}

// command is what is sent.
type command struct {
	line  int
	tag   string // in the script; "" for all but the third form
	parts []part
	text  string // as written, for the report
	want  *status
}

// status is what is expected of the tagged reply.
type status struct {
	name   string // OK, NO, BAD or "" for any, or none
	prefix []pattern
}

// String writes the status as in the script.
func (s *status) String() string {
	name := s.name
	if name == "" {
		name = `""`
	}
	if len(s.prefix) == 0 {
		return name
	}
	return name + " " + formatPatterns(s.prefix)
}

// part is text of a command, or a literal in it.
type part struct {
	text    template
	raw     []byte // of a literal
	literal bool
	fill    bool // ${name} is replaced in the literal
	binary  bool
	nonSync bool
}

// presence is whether a reply must come.
type presence uint8

const (
	mustCome presence = iota
	mayCome
	mustNotCome
)

// expectation is one untagged reply of a script.
type expectation struct {
	line     int
	presence presence
	args     []pattern
	prefix   bool // text may follow
	twin     int  // how many lines of the group before it are the same
}

// String writes the expectation as in the script.
func (e expectation) String() string {
	return [...]string{mustCome: "* ", mayCome: "? ", mustNotCome: "! "}[e.presence] + formatPatterns(e.args)
}

// SyntaxError is what is wrong with a script.
type SyntaxError struct {
	Path string
	Line int
	Err  error
}

// Error names file and line.
func (e *SyntaxError) Error() string { return fmt.Sprintf("%s:%d: %v", e.Path, e.Line, e.Err) }

// Unwrap returns the error without the place.
func (e *SyntaxError) Unwrap() error { return e.Err }
