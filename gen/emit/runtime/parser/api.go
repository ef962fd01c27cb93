//go:build ignore

package parser

import (
	"github.com/dragoman-mail/dragoman/generated/imap"
)

// Command parses one whole command line, CRLF included. The line holds of each
// literal only {n}CRLF, {n+}CRLF or ~{n}CRLF; lits are the literals in order. An
// error is an *Error.
func Command(line []byte, lits []imap.Literal) (imap.TaggedCommand, error) {
	p := newState(line, lits)
	defer p.release()
	var c imap.TaggedCommand
	if !p.whole(p.takeCommand(0)) {
		return c, p.commandError()
	}
	p.streamed = true
	p.fillCommand(0, &c)
	if p.wrong != "" {
		return imap.TaggedCommand{}, p.commandError()
	}
	return c, nil
}

// whole reports whether a match that ended at i took all of the line and all literals.
func (p *state) whole(i int) bool {
	if i < 0 || p.deep {
		return false
	}
	if i < len(p.s) {
		p.fail(i, 0)
		return false
	}
	if len(p.ends) != len(p.lits) {
		p.wrong = "literal"
		return false
	}
	return true
}

// AppendStart tells whether the line so far, which ends before the "{" or "~{" of a
// literal, is an APPEND whose next literal is message data.
func AppendStart(line []byte, lits []imap.Literal) (*imap.AppendStart, bool) {
	p := newState(line, lits)
	defer p.release()
	if i := p.takeAppendStart(0); i != len(line) {
		return nil, false
	}
	a := new(imap.AppendStart)
	p.fillAppendStart(0, a)
	if p.wrong != "" {
		return nil, false
	}
	return a, true
}

// AuthContinue parses a client's line of an AUTHENTICATE exchange, CRLF included:
// the decoded octets, or cancel for "*". RFC 9051 section 6.2.2.
func AuthContinue(line []byte) (resp []byte, cancel bool, err error) {
	p := newState(line, nil)
	defer p.release()
	if !p.whole(p.takeAuthContinue(0)) {
		return nil, false, p.lineError()
	}
	if len(p.tape) == 0 {
		return nil, true, nil
	}
	if resp = p.base64(0); p.wrong != "" {
		return nil, false, p.lineError()
	}
	return resp, false, nil
}

// IdleDone parses the line that ends IDLE. RFC 9051 section 6.3.13.
func IdleDone(line []byte) error {
	p := newState(line, nil)
	defer p.release()
	if !p.whole(p.skipIdleDone(0)) {
		return p.lineError()
	}
	return nil
}

// Response parses one response line of a server, strictly: what the grammar has only
// for the sake of future extensions is an error.
func Response(line []byte, lits []imap.Literal) (imap.Response, error) {
	return response(line, lits, true)
}

// ResponseLenient is Response for foreign servers: it takes flags, response codes and
// items that the grammar does not know.
func ResponseLenient(line []byte, lits []imap.Literal) (imap.Response, error) {
	return response(line, lits, false)
}

func response(line []byte, lits []imap.Literal, strict bool) (imap.Response, error) {
	p := newState(line, lits)
	defer p.release()
	p.strict = strict
	if !p.whole(p.takeResponseLine(0)) {
		return nil, p.lineError()
	}
	r := p.makeResponseLine(0)
	if p.wrong != "" {
		return nil, p.lineError()
	}
	return r, nil
}
