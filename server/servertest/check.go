package servertest

import (
	"fmt"

	"github.com/dragoman-mail/dragoman/generated/imap/parser"
	"github.com/dragoman-mail/dragoman/server/wire"
)

// Checker is a writer that parses what a server sends, response by response, and reports what the strict grammar does not take. It
// is for one connection.
type Checker struct {
	report func(error)
	rest   []byte
}

// NewChecker calls report for each bad response.
func NewChecker(report func(error)) *Checker { return &Checker{report: report} }

// Write takes the next octets; it never fails.
func (c *Checker) Write(p []byte) (int, error) {
	c.rest = append(c.rest, p...)
	for len(c.rest) > 0 {
		line, lits, size := wire.SplitResponse(c.rest)
		if size == 0 {
			break
		}
		if _, err := parser.Response(line, lits); err != nil {
			c.report(fmt.Errorf("the server sent %q: %w", line, err))
		}
		c.rest = c.rest[size:]
	}
	return len(p), nil
}
