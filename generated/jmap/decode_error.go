// Code generated from gen/schema/runtime/decode_error.go. DO NOT EDIT.

package jmap

import (
	"errors"
	"fmt"
	"strconv"
)

// DecodeError says which property of a JSON object does not have the type that the schema gives it,
// as a JSON Pointer without its leading slash. A server answers it with invalidArguments
// (RFC 8620 section 3.6.2).
type DecodeError struct {
	Path string
	Err  error
}

// Error returns the path and the cause.
func (e *DecodeError) Error() string { return fmt.Sprintf("decoding %s: %v", e.Path, e.Err) }

// Unwrap returns the cause.
func (e *DecodeError) Unwrap() error { return e.Err }

// ErrMissing is the cause of a DecodeError for an argument that must be given and was not.
var ErrMissing = errors.New("missing")

// in adds a step to the path of err.
func in(step string, err error) error {
	step = EscapePointer(step)
	var inner *DecodeError
	if errors.As(err, &inner) {
		return &DecodeError{Path: step + "/" + inner.Path, Err: inner.Err}
	}
	return &DecodeError{Path: step, Err: err}
}

func at(index int, err error) error { return in(strconv.Itoa(index), err) }
