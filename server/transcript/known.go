package transcript

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"
)

// Known is the list of what another server is known to answer in place of what transcripts have. It is a txtar file too: a text on top, the
// entry "reasons", and an entry for each transcript that differs, by its name without ".txtar".
//
//	-- reasons --
//	once: Cyrus keeps a message of the same octets once (RFC 8621 section 4.6 lets it).
//
//	-- append --
//	C: a3 APPEND INBOX {@mail}
//	-S: a3 OK [APPENDUID $uidvalidity1 2] APPEND completed
//	+S: a3 OK [APPENDUID $uidvalidity1 1] APPEND completed
//	? once
//
// A difference has the command of a client, or several that differ in the same way, then the lines that are missing and those
// that came, and what explains them: names of reasons, separated by blanks. With ?? the difference comes and goes with the clock; it
// need not be found.
type Known struct {
	name    string
	comment []byte
	reasons []reason
	all     map[string][]known // by transcript
}

type reason struct {
	name, text string
	used       bool
}

// known is one difference with its explanation.
type known struct {
	Difference
	why       string
	sometimes bool
}

// ReadKnown reads the list in the named file.
func ReadKnown(name string) (*Known, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return ParseKnown(name, data)
}

// ParseKnown parses a list; name is used in errors.
func ParseKnown(name string, data []byte) (*Known, error) {
	archive := txtar.Parse(data)
	k := &Known{name: name, comment: archive.Comment, all: map[string][]known{}}
	for _, entry := range archive.Files {
		parse := k.parseDifferences
		if entry.Name == "reasons" {
			parse = k.parseReasons
		}
		if err := parse(entry.Name, string(entry.Data)); err != nil {
			return nil, fmt.Errorf("%s: entry %q: %w", name, entry.Name, err)
		}
	}
	return k, nil
}

func (k *Known) parseReasons(_, data string) error {
	for text := range strings.Lines(data) {
		text = strings.TrimSpace(text)
		name, words, ok := strings.Cut(text, ":")
		switch {
		case text == "":
		case !ok || name == "" || strings.Contains(name, " "):
			return fmt.Errorf("%q is not of the form NAME: TEXT", text)
		default:
			k.reasons = append(k.reasons, reason{name: name, text: strings.TrimSpace(words)})
		}
	}
	return nil
}

func (k *Known) parseDifferences(transcript, data string) error {
	var commands, lines []string
	for text := range strings.Lines(data) {
		text = strings.TrimSuffix(text, "\n")
		switch {
		case text == "":
		case text[0] == '+' || text[0] == '-':
			lines = append(lines, text)
		case text[0] == '?' && len(commands) > 0 && len(lines) > 0:
			for _, command := range commands {
				d := Difference{Command: command, Lines: lines}
				why, sometimes := strings.CutPrefix(text[1:], "?")
				k.all[transcript] = append(k.all[transcript], known{d, strings.TrimSpace(why), sometimes})
			}
			commands, lines = nil, nil
		case text[0] == 'C' && len(lines) == 0:
			commands = append(commands, text)
		default:
			return fmt.Errorf("%q stands where it cannot", text)
		}
	}
	if len(commands)+len(lines) > 0 {
		return errors.New("the last difference has no reason")
	}
	return nil
}

// Check compares the differences that were found in a transcript with the list. It fails on one that is not listed, on one that
// is but was not found, and on one without a reason.
func (k *Known) Check(transcript string, found []Difference) error {
	var faults []error
	left := slices.Clone(k.all[transcript])
	for _, d := range found {
		i := slices.IndexFunc(left, func(l known) bool { return l.equal(d) })
		if i < 0 {
			faults = append(faults, fmt.Errorf("not in %s:\n%s", k.name, d))
			continue
		}
		faults = append(faults, k.explained(left[i]))
		left = slices.Delete(left, i, i+1)
	}
	for _, l := range left {
		if l.sometimes {
			faults = append(faults, k.explained(l))
			continue
		}
		faults = append(faults, fmt.Errorf("in %s, but it did not happen:\n%s", k.name, l.Difference))
	}
	return errors.Join(faults...)
}

func (k *Known) explained(l known) error {
	names := strings.Fields(l.why)
	if len(names) == 0 {
		return fmt.Errorf("no reason is given for\n%s", l.Difference)
	}
	for _, name := range names {
		i := slices.IndexFunc(k.reasons, func(r reason) bool { return r.name == name })
		if i < 0 {
			return fmt.Errorf("the reason %q is not explained; it is given for\n%s", name, l.Difference)
		}
		k.reasons[i].used = true
	}
	return nil
}

// Finish is called when all transcripts that there are were checked. It fails on a reason that none needed and on a transcript that does not exist.
func (k *Known) Finish(transcripts []string) error {
	var faults []error
	for _, r := range k.reasons {
		if !r.used {
			faults = append(faults, fmt.Errorf("%s: the reason %q is not needed any more", k.name, r.name))
		}
	}
	for name := range k.all {
		if !slices.Contains(transcripts, name) {
			faults = append(faults, fmt.Errorf("%s: there is no transcript %q", k.name, name))
		}
	}
	return errors.Join(faults...)
}

// Replace puts what was found in a transcript in the place of what is listed for it. The reason of a difference stays with it, also when its
// requests are other ones now, or goes to one in the same lines; a new one gets none, which Check does not pass. What comes and goes
// stays listed.
func (k *Known) Replace(transcript string, found []Difference) {
	stays := slices.DeleteFunc(slices.Clone(k.all[transcript]), func(l known) bool { return !l.sometimes })
	var list []known
	for _, d := range found {
		if !slices.ContainsFunc(stays, func(l known) bool { return l.equal(d) }) {
			list = append(list, known{Difference: d, why: k.reasonFor(transcript, d)})
		}
	}
	k.all[transcript] = append(list, stays...)
}

func (k *Known) reasonFor(transcript string, d Difference) string {
	why := ""
	for _, l := range k.all[transcript] {
		if l.equal(d) {
			return l.why
		}
		if l.Command == d.Command && slices.Equal(l.answers(), d.answers()) {
			why = l.why
		}
	}
	if why != "" {
		return why
	}
	for _, list := range k.all {
		for _, l := range list {
			if slices.Equal(l.Lines, d.Lines) {
				why = l.why
			}
		}
	}
	return why
}

// Write writes the list to its file.
func (k *Known) Write() error { return os.WriteFile(k.name, k.format(), 0o644) }

func (k *Known) format() []byte {
	archive := &txtar.Archive{Comment: k.comment}
	var b bytes.Buffer
	for _, r := range k.reasons {
		fmt.Fprintf(&b, "%s: %s\n", r.name, r.text)
	}
	archive.Files = append(archive.Files, txtar.File{Name: "reasons", Data: append(b.Bytes(), '\n')})
	names := []string{}
	for name := range k.all {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if list := k.all[name]; len(list) > 0 {
			archive.Files = append(archive.Files, txtar.File{Name: name, Data: formatDifferences(list)})
		}
	}
	return txtar.Format(archive)
}

// formatDifferences puts commands that differ in the same way together.
func formatDifferences(list []known) []byte {
	var b bytes.Buffer
	for len(list) > 0 {
		first := list[0]
		var others []known
		for _, l := range list {
			if slices.Equal(l.Lines, first.Lines) && l.why == first.why && l.sometimes == first.sometimes {
				fmt.Fprintln(&b, l.Command)
			} else {
				others = append(others, l)
			}
		}
		for _, text := range first.Lines {
			fmt.Fprintln(&b, text)
		}
		mark := "? "
		if first.sometimes {
			mark = "?? "
		}
		fmt.Fprintf(&b, "%s\n\n", strings.TrimSpace(mark+first.why))
		list = others
	}
	return b.Bytes()
}
