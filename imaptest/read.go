package imaptest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// environment tells whether a variable of the environment is set.
type environment func(name string) bool

// parse reads a script.
func parse(path string, text []byte, env environment) (*Script, error) {
	s := &Script{Path: path, connections: 1, messages: allMessages, state: stateSelected, users: map[int]string{}}
	r := &lineReader{rest: text}
	fail := func(number int, err error) error { return &SyntaxError{path, max(1, number), err} }
	if number, err := s.readHeader(r); err != nil {
		return nil, fail(number, err)
	}
	var lines []line
	for {
		l, ok := r.next()
		if !ok {
			break
		}
		lines = append(lines, l)
	}
	if r.err != nil {
		return nil, fail(r.errLine, r.err)
	}
	lines, number, err := preprocess(lines, env)
	if err != nil {
		return nil, fail(number, err)
	}
	b := &builder{script: s, tags: tagsOf(lines)}
	for _, l := range lines {
		if err := b.line(l); err != nil {
			return nil, fail(l.number, err)
		}
	}
	if err := b.finish(); err != nil {
		return nil, fail(r.number, err)
	}
	return s, nil
}

// readHeader reads up to the empty line.
func (s *Script) readHeader(r *lineReader) (number int, err error) {
	for {
		text, _, ok := r.raw()
		if !ok {
			return r.number, errors.New("there are no commands: an empty line should follow the header")
		}
		if len(text) == 0 {
			return 0, nil
		}
		if text[0] == '#' {
			continue
		}
		if err := s.headerLine(string(text)); err != nil {
			return r.number, err
		}
	}
}

func (s *Script) headerLine(text string) error {
	key, value, found := strings.Cut(text, ":")
	if !found {
		return errors.New(`a header line should be "key: value"`)
	}
	key, value = strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
	switch key {
	case "capabilities":
		s.capabilities = strings.Fields(value)
	case "connections":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > maxConnections {
			return fmt.Errorf("connections should be a number from 1 to %d", maxConnections)
		}
		s.connections = n
	case "messages":
		return s.setMessages(value)
	case "state":
		var known bool
		if s.state, known = stateNames[strings.ToLower(value)]; !known {
			return fmt.Errorf("there is no state %q", value)
		}
	case "ignore_extra_untagged":
		if !equalFold(value, "yes") && !equalFold(value, "no") {
			return errors.New("ignore_extra_untagged should be yes or no")
		}
		s.strict = equalFold(value, "no")
	default:
		return s.setUser(key, value)
	}
	return nil
}

// maxMessages is how many messages a script may append.
const maxMessages = 100_000

func (s *Script) setMessages(value string) error {
	if equalFold(value, "all") {
		s.messages = allMessages
		return nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > maxMessages {
		return fmt.Errorf("messages should be all, or a number up to %d", maxMessages)
	}
	s.messages = n
	return nil
}

// setUser reads "user N", or "user_name" with the users of the connections from the second on.
func (s *Script) setUser(key, value string) error {
	if key == "user_name" {
		for i, name := range strings.Fields(value) {
			s.users[i+2] = name
		}
		return nil
	}
	number, ok := strings.CutPrefix(key, "user_name")
	if !ok {
		number, ok = strings.CutPrefix(key, "user")
	}
	n, err := strconv.Atoi(strings.TrimSpace(number))
	switch {
	case !ok || err != nil || value == "":
		return fmt.Errorf("there is no setting %q", key)
	case n < 1 || n > maxConnections:
		return fmt.Errorf("%q: there is no such connection", key)
	}
	s.users[n] = value
	return nil
}

// preprocess leaves out the lines that the environment does not choose. number is the line of the fault.
func preprocess(lines []line, env environment) (chosen []line, number int, err error) {
	type branch struct {
		number           int
		outer, on, else_ bool
	}
	var open []branch
	on := true
	for _, l := range lines {
		word, name, _ := strings.Cut(l.text[0], " ")
		name = strings.TrimSpace(name)
		switch word {
		case "!ifenv", "!ifnenv":
			if name == "" {
				return nil, l.number, fmt.Errorf("%s should name a variable", word)
			}
			open = append(open, branch{number: l.number, outer: on, on: env(name) == (word == "!ifenv")})
		case "!else", "!endif":
			if len(open) == 0 {
				return nil, l.number, fmt.Errorf("%s has no !ifenv before it", word)
			}
			last := &open[len(open)-1]
			if word == "!endif" {
				on, open = last.outer, open[:len(open)-1]
				continue
			}
			if last.else_ {
				return nil, l.number, errors.New("!else comes a second time")
			}
			last.else_, last.on = true, !last.on
		default:
			if on {
				chosen = append(chosen, l)
			}
			continue
		}
		last := open[len(open)-1]
		on = last.outer && last.on
	}
	if len(open) > 0 {
		return nil, open[0].number, errors.New("!ifenv has no !endif")
	}
	return chosen, 0, nil
}

// parseSleep reads the time of !sleep.
func parseSleep(text string) (time.Duration, error) {
	d, err := time.ParseDuration(strings.NewReplacer(" ", "", "msecs", "ms", "secs", "s", "mins", "m").Replace(text))
	if err != nil || d < 0 || d > time.Hour {
		return 0, fmt.Errorf("!sleep %s: a time such as 500ms should follow", text)
	}
	return d, nil
}
