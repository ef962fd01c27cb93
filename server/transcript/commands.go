package transcript

import (
	"slices"
	"strings"
)

// Command is what a client sent in one go and the JMAP requests that it caused.
type Command struct {
	Line     int // in the session entry, from 1
	Text     string
	Requests []string // as in the J: lines
	Bad      bool     // answered with BAD; only CommandsOver knows
}

// CommandsOver lists the session's commands with the requests that they cause over the server whose differences k knows. Of
// differences that come and go the shortest counts.
func (f *File) CommandsOver(k *Known, transcript string) []Command {
	left := slices.Clone(k.all[transcript])
	slices.SortStableFunc(left, func(a, b known) int { return len(a.Lines) - len(b.Lines) })
	var commands []Command
	for _, e := range exchanges(f.lines) {
		if e.command == "" {
			continue
		}
		c := Command{Text: strings.Join(e.sent, "\n"), Requests: texts("J: ", e.answers)}
		tag, _, _ := strings.Cut(c.Text, " ")
		c.Bad = slices.ContainsFunc(e.answers, func(text string) bool { return strings.Contains(text, ": "+tag+" BAD ") })
		if i := slices.IndexFunc(left, func(l known) bool { return l.Command == e.command }); i >= 0 {
			for _, gone := range texts("-J: ", left[i].Lines) {
				at := slices.Index(c.Requests, gone)
				c.Requests = slices.Delete(c.Requests, at, at+1)
			}
			c.Requests = append(c.Requests, texts("+J: ", left[i].Lines)...)
			left = slices.Delete(left, i, i+1)
		}
		commands = append(commands, c)
	}
	return commands
}

// texts are the lines that begin with a prefix, without it.
func texts(prefix string, lines []string) []string {
	var found []string
	for _, l := range lines {
		if text, ok := strings.CutPrefix(l, prefix); ok {
			found = append(found, text)
		}
	}
	return found
}

// Commands lists the session's commands, pipelined ones as one.
func (f *File) Commands() []Command {
	var commands []Command
	previous := remark
	for _, l := range f.lines {
		switch {
		case l.kind == client && previous == client:
			commands[len(commands)-1].Text += "\n" + l.text
		case l.kind == client:
			commands = append(commands, Command{Line: l.number, Text: l.text})
		case l.kind == jmapRequest && len(commands) > 0:
			last := &commands[len(commands)-1]
			last.Requests = append(last.Requests, l.text)
		}
		previous = l.kind
	}
	return commands
}
