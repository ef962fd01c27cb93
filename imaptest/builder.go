package imaptest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// builder makes groups of lines.
type builder struct {
	script *Script
	tags   map[tagPlace]bool
	group  *group
	closed bool // no untagged reply may follow
}

// tagPlace is a word in a paragraph.
type tagPlace struct {
	paragraph int
	word      string
}

// statusWord is OK, NO or BAD in upper case, or the empty one for "".
func statusWord(word string) (name string, ok bool) {
	switch upper := strings.ToUpper(word); upper {
	case "OK", "NO", "BAD":
		return upper, true
	case `""`:
		return "", true
	}
	return "", false
}

// tagsOf finds the words that begin two lines of a paragraph, of which one goes on with a status.
func tagsOf(lines []line) map[tagPlace]bool {
	commands, replies := map[tagPlace]bool{}, map[tagPlace]bool{}
	for _, l := range lines {
		fields := strings.Fields(l.text[0])
		if len(fields) > 1 && isNumber(fields[0]) {
			fields = fields[1:]
		}
		if len(fields) < 2 {
			continue
		}
		place := tagPlace{l.paragraph, strings.ToLower(fields[0])}
		if _, is := statusWord(fields[0]); is || len(fields[0]) == 1 && strings.Contains("*!?", fields[0]) {
			continue
		}
		if name, is := statusWord(fields[1]); is && name != "" {
			replies[place] = true
		} else {
			commands[place] = true
		}
	}
	for place := range replies {
		if !commands[place] {
			delete(replies, place)
		}
	}
	return replies
}

func isNumber(word string) bool {
	_, err := strconv.ParseUint(word, 10, 32)
	return err == nil
}

// isTag holds for "tag" with a number, and the words that tagsOf found.
func (b *builder) isTag(l line, word string) bool {
	if digits, ok := cutPrefixFold(word, "tag"); ok && isNumber(digits) {
		return true
	}
	return b.tags[tagPlace{l.paragraph, strings.ToLower(word)}]
}

// cutWord cuts the first word and one blank off the line.
func (l line) cutWord() (word string, rest line) {
	word, after, _ := strings.Cut(l.text[0], " ")
	rest = l
	rest.text = append([]string{after}, l.text[1:]...)
	return word, rest
}

func (b *builder) line(l line) error {
	word, rest := l.cutWord()
	switch word {
	case "*":
		return b.expect(rest, mustCome)
	case "?":
		return b.expect(rest, mayCome)
	case "!":
		return b.expect(rest, mustNotCome)
	}
	if strings.HasPrefix(word, "!") {
		return b.directive(word, rest)
	}
	conn, l, err := b.connection(l)
	if err != nil {
		return err
	}
	return b.statement(conn, l)
}

// connection takes the connection's number off a line.
func (b *builder) connection(l line) (int, line, error) {
	word, rest := l.cutWord()
	n, err := strconv.Atoi(word)
	switch {
	case b.script.connections > 1 && err != nil:
		return 0, l, errors.New("a command should begin with the number of its connection")
	case b.script.connections > 1 && (n < 1 || n > b.script.connections):
		return 0, l, fmt.Errorf("there is no connection %d", n)
	case b.script.connections > 1:
		return n, rest, nil
	case n == 1 && err == nil && !b.isTag(l, word):
		return 1, rest, nil
	}
	return 1, l, nil
}

// statement reads a command, or the status of one.
func (b *builder) statement(conn int, l line) error {
	word, rest := l.cutWord()
	tag := ""
	if b.isTag(l, word) {
		tag = word
		l = rest
		word, rest = l.cutWord()
	}
	name, isStatus := statusWord(word)
	if isStatus && b.group != nil {
		if c := b.group.command(tag); c != nil && c.want == nil {
			if conn != b.group.conn {
				return fmt.Errorf("the command was on connection %d", b.group.conn)
			}
			return c.setStatus(name, rest)
		}
	}
	c := &command{line: l.number, tag: tag}
	if isStatus {
		c.want = &status{name: name}
		l = rest
	}
	if err := c.setText(l); err != nil {
		return err
	}
	if len(c.parts) == 0 && (c.want == nil || c.want.name != "") {
		return errors.New("there is no command")
	}
	return b.add(conn, c)
}

// add puts a command into the open group, or a new one.
func (b *builder) add(conn int, c *command) error {
	if b.group == nil || !b.group.open() {
		b.group = &group{line: c.line, conn: conn}
		b.script.groups = append(b.script.groups, b.group)
	}
	switch first := len(b.group.commands) == 0; {
	case first:
	case c.tag == "" || b.group.commands[0].tag == "":
		return fmt.Errorf("the command of line %d has no status yet", b.group.commands[0].line)
	case b.group.command(c.tag) != nil:
		return fmt.Errorf("the tag %s is there already", c.tag)
	case conn != b.group.conn:
		return errors.New("commands that are on their way at once should be on the same connection")
	}
	b.group.commands = append(b.group.commands, c)
	return nil
}

// finish looks for what is missing at the end.
func (b *builder) finish() error {
	if len(b.script.groups) == 0 {
		return errors.New("there are no commands")
	}
	for _, g := range b.script.groups {
		for _, c := range g.commands {
			if c.want == nil {
				return fmt.Errorf("the command of line %d has no status: ok, no, bad or \"\"", c.line)
			}
		}
	}
	return nil
}

// expect adds an untagged reply.
func (b *builder) expect(l line, p presence) error {
	if b.group == nil {
		if b.script.state != stateNonauth {
			return errors.New("the reply belongs to no command")
		}
		b.group = &group{line: l.number, conn: 1}
		b.script.groups = append(b.script.groups, b.group)
	}
	args, err := parseData(l.wire())
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return errors.New("the reply is empty")
	}
	e := expectation{line: l.number, presence: p, prefix: args[0].kind == kindAtom && isStatus(args[0].text)}
	if e.args, err = parsePatterns(args); err != nil {
		return err
	}
	for _, other := range b.group.untagged {
		if other.String() == e.String() {
			e.twin++
		}
	}
	b.group.untagged = append(b.group.untagged, e)
	return nil
}

// directive reads a line for the group before it.
func (b *builder) directive(word string, rest line) error {
	if b.group == nil {
		return fmt.Errorf("%s belongs to no command", word)
	}
	var err error
	switch word {
	case "!ordered":
		b.group.ordered = true
	case "!sleep":
		b.group.sleep, err = parseSleep(rest.text[0])
	case "!output":
		var t template
		t, err = parseTemplate(rest.text[0])
		b.group.output = append(b.group.output, t)
	default:
		err = fmt.Errorf("there is no %s", word)
	}
	return err
}

// setStatus reads what is expected of the tagged reply.
func (c *command) setStatus(name string, l line) error {
	c.want = &status{name: name}
	args := statusText(l.wire())
	var err error
	c.want.prefix, err = patterns(args, defaults{})
	return err
}

// setText reads the command.
func (c *command) setText(l line) error {
	c.text = strings.Join(l.text, "{…}")
	for i, text := range l.text {
		if text != "" {
			t, err := parseTemplate(text)
			if err != nil {
				return err
			}
			c.parts = append(c.parts, part{text: t})
		}
		if i < len(l.literals) {
			lit := l.literals[i]
			p := part{raw: lit.octets, literal: true, fill: !lit.counted, binary: lit.binary, nonSync: lit.nonSync}
			c.parts = append(c.parts, p)
		}
	}
	return nil
}
