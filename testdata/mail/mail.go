// Package mail holds sample messages, byte for byte, and says where in a mailbox tree
// they go. `dragoman serve` shows them to newcomers in the account demo; tests use them
// as a corpus of what mail can be.
package mail

import (
	"embed"
	"fmt"
	"strings"
	"time"
)

//go:embed *.eml
var messages embed.FS

//go:embed sample.tsv
var table string

// Sample is a message of the demo account.
type Sample struct {
	// File is the file's name, such as "welcome.eml".
	File string
	// Mailbox is the mailbox's path with slashes.
	Mailbox string
	// Flags are IMAP flags and keywords.
	Flags []string
	// Date is the internal date.
	Date time.Time
	// Octets is the message.
	Octets []byte
}

// Samples reads sample.tsv and the messages it names, in its order. Messages that are
// hard on a newcomer, or not allowed in IMAP (with NUL octets), are not among them.
func Samples() ([]Sample, error) {
	var samples []Sample
	for i, line := range strings.Split(strings.TrimSpace(table), "\n") {
		if i == 0 {
			continue
		}
		columns := strings.Split(line, "\t")
		if len(columns) != 4 {
			return nil, fmt.Errorf("reading sample.tsv: line %d has %d columns", i+1, len(columns))
		}
		date, err := time.Parse(time.RFC3339, columns[3])
		if err != nil {
			return nil, fmt.Errorf("reading sample.tsv: line %d: %w", i+1, err)
		}
		octets, err := messages.ReadFile(columns[0])
		if err != nil {
			return nil, fmt.Errorf("reading sample.tsv: line %d: %w", i+1, err)
		}
		samples = append(samples, Sample{
			File: columns[0], Mailbox: columns[1], Flags: strings.Fields(columns[2]), Date: date, Octets: octets,
		})
	}
	return samples, nil
}

// All gives every message of the corpus by its file name.
func All() (map[string][]byte, error) {
	entries, err := messages.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("reading sample mail: %w", err)
	}
	all := make(map[string][]byte, len(entries))
	for _, e := range entries {
		octets, err := messages.ReadFile(e.Name())
		if err != nil {
			return nil, fmt.Errorf("reading sample mail: %w", err)
		}
		all[e.Name()] = octets
	}
	return all, nil
}
