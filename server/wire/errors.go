package wire

import "errors"

var (
	// ErrLineTooLong says that a command line has more octets than Limits.Line; all of it was read away.
	ErrLineTooLong = errors.New("command line is too long")
	// ErrLiteralTooBig says that the literals of a command have more octets than Limits.Literals.
	ErrLiteralTooBig = errors.New("literal is too big")
	// ErrTooManyLiterals says that a command has more literals than Limits.Count.
	ErrTooManyLiterals = errors.New("command has too many literals")
	// ErrNULInLiteral says that a literal that is no literal8 holds a NUL (RFC 9051 section 4.3.1).
	ErrNULInLiteral = errors.New("literal holds a NUL")
	// ErrFlood says that more than Limits.Discard octets of one command had to be read away. The connection has no
	// further use.
	ErrFlood = errors.New("command is far over every limit")
	// ErrIdle says that the client sent nothing for longer than the input's timeout.
	ErrIdle = errors.New("client was silent for too long")
	// ErrDeadline says that the input's deadline has passed.
	ErrDeadline = errors.New("the time to log in has passed")
	// ErrStopped says that the wait for input was called off.
	ErrStopped = errors.New("waiting for input was called off")
	// ErrTLSHello says that the client speaks TLS on a port that does not.
	ErrTLSHello = errors.New("client sent a TLS ClientHello to a cleartext port")
)
