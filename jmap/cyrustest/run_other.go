//go:build !unix

package cyrustest

import (
	"context"
	"errors"
)

func (s *Server) run(context.Context) (func(bool), error) {
	return func(bool) {}, errors.New("only on Unix")
}
