package jmap

import (
	"context"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

// Call makes a request of one method call. The errors are those of Do, and *proto.MethodError when the server answers with a method-level
// error (RFC 8620 section 3.6.2).
func Call[R any](ctx context.Context, s *Session, arguments interface {
	proto.Method
	NewResponse() *R
}) (*R, error) {
	var request proto.Request
	call := proto.Add(&request, arguments)
	response, err := s.Do(ctx, &request)
	if err != nil {
		return nil, err
	}
	return call.Response(response)
}
