package server

import (
	"errors"

	"github.com/dragoman-mail/dragoman/server/wire"
)

// hangUp is what a handler returns to end the connection without an answer to its command.
type hangUp struct{ reason error }

func (h *hangUp) Error() string { return h.reason.Error() }

func (h *hangUp) Unwrap() error { return h.reason }

// orHangUp passes on what can be answered of the errors of reading.
func orHangUp(err error) error {
	if errors.Is(err, wire.ErrLineTooLong) {
		return err
	}
	return &hangUp{err}
}
