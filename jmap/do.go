package jmap

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
)

// Do sends a batch of method calls and returns the response to it (RFC 8620 section 3.3). A request without "using"
// gets that of the session. Method-level errors are part of the response.
//
// The errors are those of the package comment; a *LimitError comes before anything is sent when the request
// is over maxCallsInRequest or maxSizeRequest. What fails is repeated as RetryPolicy says: a request that only reads
// when the server cannot be reached or the connection breaks, any other only when the server has not begun with it.
func (s *Session) Do(ctx context.Context, request *proto.Request) (*proto.Response, error) {
	start := time.Now()
	methods := methodNames(request)
	op := "calling " + strings.Join(methods, ", ")
	body, err := s.encode(request)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	answer, err := s.call(ctx, op, body, readsOnly(methods))
	var response *proto.Response
	if err == nil {
		response, err = s.decode(op, answer)
	}
	if err == nil {
		s.freshen(response)
	}
	record(ctx, start, Exchange{Kind: KindCall, Methods: methods, Request: body, Response: answer, Err: err})
	return response, err
}

func methodNames(request *proto.Request) []string {
	names := make([]string, len(request.MethodCalls))
	for i, call := range request.MethodCalls {
		names[i] = call.Name
	}
	return names
}

// readsOnly reports whether a request may be repeated without harm.
func readsOnly(methods []string) bool {
	for _, method := range methods {
		_, verb, _ := strings.Cut(method, "/")
		switch verb {
		case "get", "query", "changes", "queryChanges", "parse", "lookup", "echo":
		default:
			return false
		}
	}
	return true
}

// encode checks the limits that hold for every request.
func (s *Session) encode(request *proto.Request) ([]byte, error) {
	limits := s.Limits()
	if n := len(request.MethodCalls); n > limits.MaxCallsInRequest {
		return nil, &LimitError{Limit: "maxCallsInRequest", Detail: fmt.Sprintf("%d calls, %d allowed", n, limits.MaxCallsInRequest)}
	}
	full := *request
	if len(full.Using) == 0 {
		full.Using = s.using
	}
	body, err := full.MarshalJSON()
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > limits.MaxSizeRequest {
		return nil, &LimitError{Limit: "maxSizeRequest", Detail: fmt.Sprintf("%d octets, %d allowed", len(body), limits.MaxSizeRequest)}
	}
	return body, nil
}

func (s *Session) decode(op string, answer []byte) (*proto.Response, error) {
	response := &proto.Response{}
	if err := response.UnmarshalJSON(answer); err != nil {
		return nil, &UnavailableError{Op: op, Detail: detailOf(answer[:min(len(answer), maxErrorBody)]), Err: fmt.Errorf("the answer is no JMAP response: %w", err)}
	}
	if response.SessionState != "" && response.SessionState != s.Info().State {
		s.stale.Store(true)
	}
	return response, nil
}

// call repeats what may be repeated.
func (s *Session) call(ctx context.Context, op string, body []byte, reads bool) (answer []byte, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.client.config.Timeout, errTimeout)
	defer cancel()
	where := func(r *resource) (*url.URL, error) { return r.api, nil }
	err = s.retry(ctx, retrying{op: op, reads: reads}, where, func(r *resource, _ *url.URL) (err error) {
		answer, err = s.callOnce(ctx, op, r, body)
		return err
	})
	return answer, err
}

func (s *Session) callOnce(ctx context.Context, op string, r *resource, body []byte) ([]byte, error) {
	leave, err := r.gate.enterCall(ctx)
	if err != nil {
		return nil, transportError(ctx, op, err)
	}
	defer leave()
	defer s.push.watchCall(s.client.config.SlowCall)()
	response, _, err := s.client.send(ctx, s.credentials, outgoing{
		op: op, method: http.MethodPost, url: r.api,
		contentType: "application/json", accept: "application/json",
		body: func() (io.Reader, int64) { return bytes.NewReader(body), int64(len(body)) },
	})
	if err != nil {
		return nil, err
	}
	if response.StatusCode == http.StatusRequestEntityTooLarge {
		discard(response)
		return nil, &LimitError{Limit: "maxSizeRequest", Detail: fmt.Sprintf("%d octets", len(body))}
	}
	if response.StatusCode != http.StatusOK {
		return nil, statusError(op, response)
	}
	defer response.Body.Close()
	return s.readAnswer(ctx, op, response)
}

func (s *Session) readAnswer(ctx context.Context, op string, response *http.Response) ([]byte, error) {
	limit := s.client.config.MaxResponse
	var buffer bytes.Buffer
	if size := response.ContentLength; size > 0 && size <= limit {
		buffer.Grow(int(size) + bytes.MinRead)
	}
	n, err := buffer.ReadFrom(io.LimitReader(response.Body, limit+1))
	switch {
	case err != nil:
		return nil, transportError(ctx, op, fmt.Errorf("reading the answer: %w", err))
	case n > limit:
		return nil, &UnavailableError{Op: op, Detail: fmt.Sprintf("the answer has more than %d octets", limit)}
	}
	return buffer.Bytes(), nil
}
