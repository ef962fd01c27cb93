package imaptest

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// exchange is a group that runs.
type exchange struct {
	*test
	group    *group
	index    int
	conn     *conn
	seqs     *sequences
	pending  map[string]*command // by tag, those without a tagged reply
	found    []bool              // by expectation
	best     []candidate         // for those that are not found
	came     string              // the first untagged reply that matches nothing
	mismatch int                 // how many did not
	plus     bool
	failures []Failure
}

// candidate is the reply that was most like an expectation.
type candidate struct {
	likeness int
	text     string
}

func (t *test) newExchange(i int, g *group) *exchange {
	return &exchange{
		test: t, group: g, index: i, conn: t.conns[g.conn-1], seqs: &sequences{}, pending: map[string]*command{},
		found: make([]bool, len(g.untagged)), best: make([]candidate, len(g.untagged)),
	}
}

// maxFailures is how many failures of one group are told.
const maxFailures = 20

func (x *exchange) fail(line int, expected, came string) {
	if len(x.failures) == maxFailures {
		return
	}
	f := Failure{Line: line, CommandLine: x.group.line, Number: x.index + 1, Expected: expected, Meaning: x.meaning(expected), Came: came}
	for _, c := range x.group.commands {
		if f.Command == "" || c.line == line {
			f.Command, f.CommandLine = c.text, c.line
		}
	}
	x.failures = append(x.failures, f)
}

// meaning fills in the variables that have values.
func (x *exchange) meaning(expected string) string {
	t, err := parseTemplate(expected)
	if err != nil {
		return ""
	}
	for i, p := range t {
		if p.kind == pieceVariable {
			if value, set := x.vars.get(p.text); set {
				t[i] = piece{kind: pieceText, text: value}
			}
		} else if p.kind == pieceSequence {
			t[i] = piece{kind: pieceText, text: x.seqs.now(p.seq)}
		}
	}
	var b strings.Builder
	for _, p := range t {
		if p.kind == pieceVariable {
			b.WriteByte('$')
		}
		b.WriteString(p.text)
	}
	return b.String()
}

// run sends the commands and reads what comes. The error is that of a connection that can be used no more.
func (x *exchange) run(first *reply) error {
	x.conn.limit(x.config.Timeout)
	defer x.vars.unset("tag")
	if first != nil {
		x.handle(*first)
		x.conclude()
		return nil
	}
	for _, c := range x.group.commands {
		err := x.send(c)
		if errors.Is(err, errSend) {
			x.fail(c.line, "", err.Error())
			break
		}
		if err != nil {
			return x.ended(err)
		}
	}
	for !x.done() {
		r, err := x.conn.read()
		if err != nil {
			return x.ended(err)
		}
		x.handle(r)
	}
	x.conclude()
	return nil
}

// ended judges a connection that has ended, or a server that takes too long.
func (x *exchange) ended(err error) error {
	expected := x.conn.bye != "" || errors.Is(err, io.EOF)
	for _, c := range x.pending {
		expected = expected && c.want.name == ""
	}
	if expected {
		x.conclude()
		return nil
	}
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		err = fmt.Errorf("the server did not finish within %v", x.config.Timeout)
	}
	x.conclude()
	x.conn.gone = err
	return err
}

// done tells whether all has come that the group waits for.
func (x *exchange) done() bool {
	required := 0
	for i, e := range x.group.untagged {
		if e.presence != mustCome {
			continue
		}
		required++
		if !x.found[i] && x.mayStillCome() {
			return false
		}
	}
	for _, c := range x.pending {
		if c.want.name != "" || !x.plus && required == 0 {
			return false
		}
	}
	return true
}

// mayStillCome holds while a command has no tagged reply, and for "" without a command.
func (x *exchange) mayStillCome() bool {
	return len(x.pending) > 0 || len(x.group.commands[0].parts) == 0
}

// errSend is a fault of the script that shows when a command is made.
var errSend = errors.New("the command cannot be sent")

// send sends a command, or what the server waits for.
func (x *exchange) send(c *command) error {
	if len(c.parts) == 0 {
		return nil
	}
	segments, err := x.segments(c)
	if err != nil {
		return fmt.Errorf("%w: %w", errSend, err)
	}
	tag, sent := x.conn.newTag(), ""
	if x.conn.waiting != "" && (x.conn.asked || strings.EqualFold(c.text, "done")) {
		tag = x.conn.waiting
	} else {
		x.conn.owed[x.conn.waiting] = true
		sent = tag
	}
	x.conn.waiting, x.conn.asked = "", false
	x.pending[tag] = c
	if len(x.pending) == 1 {
		x.vars.set("tag", tag)
	}
	_, err = x.conn.send(sent, segments, x.handle)
	return err
}

// segments are the parts of a command with the values of the variables.
func (x *exchange) segments(c *command) ([]segment, error) {
	var list []segment
	for _, p := range c.parts {
		s := segment{octets: p.raw, literal: p.literal, binary: p.binary, nonSync: p.nonSync}
		if p.fill {
			s.octets = x.filled(p.raw)
		}
		if !p.literal {
			text, err := p.text.expand(x.vars, x.seqs)
			if err != nil {
				return nil, err
			}
			s.octets = []byte(text)
		}
		list = append(list, s)
	}
	return x.complete(list)
}

// filled replaces ${name} in a literal where the name has a value.
func (x *exchange) filled(octets []byte) []byte {
	var b strings.Builder
	rest := string(octets)
	for {
		before, after, found := strings.Cut(rest, "${")
		b.WriteString(before)
		if !found {
			return []byte(b.String())
		}
		name, more, closed := strings.Cut(after, "}")
		if value, set := x.vars.get(name); closed && set {
			b.WriteString(value)
			rest = more
		} else {
			b.WriteString("${")
			rest = after
		}
	}
}

// complete gives APPEND and REPLACE the message that they lack.
func (x *exchange) complete(list []segment) ([]segment, error) {
	if len(list) != 1 || list[0].literal {
		return list, nil
	}
	args, err := parseArgs(list[0].octets)
	if err != nil || len(args) == 0 {
		return list, nil
	}
	mailbox := mailboxAt(args)
	if mailbox < 0 || len(args) > mailbox+1 && slices.ContainsFunc(args[mailbox+1:], isExtension) {
		return list, nil
	}
	m, err := x.message()
	if err != nil {
		return nil, err
	}
	line := strings.TrimRight(string(list[0].octets), " ")
	if len(args) == 1 {
		line += " " + quote(x.config.Mailbox)
	}
	if len(args) <= mailbox+1 {
		line += m.dateArgument()
	}
	return slices.Concat(text("%s ", line), m.literal()), nil
}

// isExtension holds for the names of data that is not a literal, CATENATE and UTF8 for instance.
func isExtension(a arg) bool { return a.kind == kindAtom }

// mailboxAt is the place of the mailbox in a command that takes a message, or -1.
func mailboxAt(args []arg) int {
	word := func(i int, name string) bool {
		return i < len(args) && args[i].kind == kindAtom && strings.EqualFold(args[i].text, name)
	}
	switch {
	case word(0, "APPEND"):
		return 1
	case word(0, "REPLACE") && len(args) > 2:
		return 2
	case word(0, "UID") && word(1, "REPLACE") && len(args) > 3:
		return 3
	}
	return -1
}

// handle takes one reply.
func (x *exchange) handle(r reply) {
	switch r.tag {
	case "*":
		x.untagged(r)
	case "+":
		x.continued()
	default:
		x.tagged(r)
	}
}

// continued takes a "+" that no literal waits for.
func (x *exchange) continued() {
	x.plus = true
	for _, c := range x.pending {
		if c.want.name != "" {
			x.fail(c.line, c.want.String(), "the server wants more: +")
			x.conn.write([]byte("*\r\n")) // ends AUTHENTICATE and IDLE (RFC 9051 section 6.2.2)
			return
		}
	}
}

func (x *exchange) tagged(r reply) {
	c, ours := x.pending[r.tag]
	switch {
	case ours:
		delete(x.pending, r.tag)
		x.judge(c, r)
	case r.tag == x.conn.waiting:
		x.conn.waiting = ""
	case x.conn.owed[r.tag]:
		delete(x.conn.owed, r.tag)
	default:
		x.fail(x.group.line, "", "a reply to an unknown tag: "+shorten(r.String()))
	}
}

// judge compares the tagged reply of a command.
func (x *exchange) judge(c *command, r reply) {
	if len(r.args) == 0 || !isStatus(r.args[0].text) {
		x.fail(c.line, c.want.String(), shorten(r.String()))
		return
	}
	if c.want.name == "" {
		return
	}
	matches := matcher{x.vars, x.seqs}.match(c.want.prefix, r.args[1:], true)
	if !strings.EqualFold(c.want.name, r.args[0].text) || !matches {
		x.fail(c.line, c.want.String(), shorten(formatArgs(r.args)))
	}
}

// untagged compares a reply with all that is expected.
func (x *exchange) untagged(r reply) {
	found, twins := false, map[string]bool{}
	for i, e := range x.group.untagged {
		if x.found[i] || e.twin > 0 && twins[e.String()] {
			continue
		}
		m := matcher{x.vars, x.seqs}
		ok := m.match(e.args, r.args, e.prefix)
		if ok && e.presence == mustNotCome {
			x.fail(e.line, e.String(), shorten(r.String()))
			found = true
			continue
		}
		if ok {
			x.found[i], found, twins[e.String()] = e.presence == mustCome, true, true
		} else if likeness := m.likeness(e.args, r.args); x.best[i].text == "" || likeness > x.best[i].likeness {
			x.best[i] = candidate{likeness, shorten(r.String())}
		}
		if x.group.ordered && (ok || e.presence == mustCome) {
			break
		}
	}
	if !found {
		x.mismatch++
		if x.came == "" {
			x.came = shorten(r.String())
		}
	}
	if len(r.args) == 2 && strings.EqualFold(r.args[1].text, "EXPUNGE") {
		if seq, err := strconv.ParseUint(r.args[0].text, 10, 32); err == nil {
			x.seqs.expunge(uint32(seq))
		}
	}
}

// conclude looks for what is missing, and too much.
func (x *exchange) conclude() {
	for i, e := range x.group.untagged {
		if e.presence == mustCome && !x.found[i] {
			came := x.best[i].text
			if came == "" {
				came = "no untagged reply"
			}
			x.fail(e.line, e.String(), came)
		}
	}
	if x.script.strict && x.came != "" {
		x.fail(x.group.line, "", fmt.Sprintf("%s, which is not expected (nor are %d more)", x.came, x.mismatch-1))
	}
	if x.seqs.lost {
		x.fail(x.group.line, "", fmt.Sprintf("more than %d expunges", maxExpunged))
	}
	for tag := range x.pending {
		x.conn.waiting, x.conn.asked = tag, x.plus
	}
}

// after does what the script wants after a group.
func (t *test) after(g *group) error {
	for _, template := range g.output {
		text, err := template.expand(t.vars, &sequences{})
		if err != nil {
			text = err.Error()
		}
		if t.config.Output != nil {
			fmt.Fprintln(t.config.Output, printable(text))
		}
	}
	return t.pause(g.sleep)
}

// pause waits, unless the run is interrupted.
func (t *test) pause(d time.Duration) error {
	if d == 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-t.ctx.Done():
		return t.ctx.Err()
	}
}
