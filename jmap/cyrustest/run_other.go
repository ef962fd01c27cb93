//go:build !unix

package cyrustest

import (
	"context"
	"errors"
)

func (s *Server) run(context.Context) (func(), error) {
	return func() {}, errors.New("only on Unix")
}
