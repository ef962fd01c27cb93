//go:build ignore

// Package parser is the direct parser of IMAP command lines and response lines. It
// is a recursive-descent recogniser that looks at each octet once or twice, notes on
// a tape what the rules with a Go type matched, and makes typed values of the tape.
//
// Its grammar functions (match.go) and builders (build.go) are generated from the same
// model as the reference grammar imap.peg.
package parser
