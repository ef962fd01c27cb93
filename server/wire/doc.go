// Package wire cuts the octets of an IMAP client into commands before any grammar looks at them: lines, the
// literals inside them, and the limits on both (RFC 9051 sections 2.2 and 4.3, RFC 7888). It has no opinion
// about what a command says.
//
// A Framer reads from an Input, which reads the connection ahead so that pipelined commands are at hand and a
// client that has gone is noticed while a command runs. Each step has one of three outcomes: the command is
// complete, it waits for a literal, or it cannot be one; an empty line is none. After a bad command the Framer stands
// at the start of the next, whatever came.
//
//	framer := wire.NewFramer(input, limits)
//	switch outcome, err := framer.Next(); outcome {
//	case wire.Complete: // framer.Line and framer.Literals
//	case wire.LiteralWanted: // framer.Wanted; then Store, Stream or Reject, and Next again
//	case wire.Bad: // framer.Fault and framer.Tag
//	}
//
// Output is the way back: it gives each write a deadline, so that a client that does not read is cut off.
package wire
