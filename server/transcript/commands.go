package transcript

// Command is what a client sent in one go and the JMAP requests that it caused.
type Command struct {
	Line     int // in the session entry, from 1
	Text     string
	Requests []string // as in the J: lines
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
