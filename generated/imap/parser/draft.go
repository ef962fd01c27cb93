// Package parser: DRAFT of the generated direct parser's API.
package parser

import "github.com/dragoman-mail/dragoman/generated/imap"

// Error is a syntax error. Tag and Command are filled as far as they could be read.
type Error struct {
	Tag     string
	Command string // "UID FETCH", or "" when unknown
	Offset  int    // octet in the line where matching stopped (furthest failure)
	Text    string // what is wrong, fit for a BAD reply (one line, ASCII, no client data)
}

func (e *Error) Error() string { return e.Text }

// Command parses one whole command line, CRLF included, its literals stripped: the text holds {n}CRLF and lits their bytes in order.
func Command(line []byte, lits []imap.Literal) (imap.TaggedCommand, error) { panic("generated") }

// AppendStart tells whether the line so far (ending before a literal's "{" or "~{") is an APPEND whose next literal is message data.
func AppendStart(line []byte, lits []imap.Literal) (*imap.AppendStart, bool) { panic("generated") }

// AuthContinue parses a client line of an AUTHENTICATE exchange (CRLF included): decoded octets, or cancel for "*".
func AuthContinue(line []byte) (resp []byte, cancel bool, err error) { panic("generated") }

// IdleDone parses the line that ends IDLE.
func IdleDone(line []byte) error { panic("generated") }

// Response parses one response line of a server (strict: catch-all alternatives off).
func Response(line []byte, lits []imap.Literal) (imap.Response, error) { panic("generated") }

// ResponseLenient is Response with the catch-all alternatives on, for talking to foreign servers.
func ResponseLenient(line []byte, lits []imap.Literal) (imap.Response, error) { panic("generated") }
