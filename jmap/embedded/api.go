package embedded

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// serveAPI runs a batch of method calls (RFC 8620 section 3).
func (s *Store) serveAPI(w http.ResponseWriter, r *http.Request, u *user) {
	if !s.gates.enter(u, "request", s.limits.MaxConcurrentRequests) {
		writeProblem(w, limitProblem(http.StatusTooManyRequests, "maxConcurrentRequests", int64(s.limits.MaxConcurrentRequests)))
		return
	}
	defer s.gates.leave(u, "request")
	request, refusal := s.readRequest(w, r)
	if refusal != nil {
		writeProblem(w, refusal)
		return
	}
	response, err := s.run(r.Context(), u, request, nil)
	if err != nil {
		s.log.Error("encoding a response", "err", err)
		writeProblem(w, problem(http.StatusInternalServerError, "the response could not be written"))
		return
	}
	writeJSON(w, "application/json", http.StatusOK, response...)
}

// readRequest checks what comes before any method (RFC 8620 section 3.6.1).
func (s *Store) readRequest(w http.ResponseWriter, r *http.Request) (*jmap.Request, *jmap.RequestError) {
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/json" {
		return nil, requestProblem(jmap.RequestErrorNotJSON, "the content type is not application/json")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.limits.MaxSizeRequest))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return nil, limitProblem(http.StatusRequestEntityTooLarge, "maxSizeRequest", s.limits.MaxSizeRequest)
	}
	if err != nil {
		return nil, problem(http.StatusBadRequest, "the body was cut short")
	}
	return s.parseRequest(body)
}

func (s *Store) parseRequest(body []byte) (*jmap.Request, *jmap.RequestError) {
	if refusal := s.checkJSON(body); refusal != nil {
		return nil, refusal
	}
	request := new(jmap.Request)
	if err := request.UnmarshalJSON(body); err != nil {
		return nil, requestProblem(jmap.RequestErrorNotRequest, err.Error())
	}
	for _, capability := range request.Using {
		if !slices.Contains(capabilities, capability) {
			return nil, requestProblem(jmap.RequestErrorUnknownCapability, "unknown capability "+capability)
		}
	}
	if len(request.MethodCalls) > s.limits.MaxCallsInRequest {
		return nil, limitProblem(http.StatusBadRequest, "maxCallsInRequest", int64(s.limits.MaxCallsInRequest))
	}
	return request, nil
}

// checkJSON refuses what is no I-JSON, or would take too much memory.
func (s *Store) checkJSON(body []byte) *jmap.RequestError {
	if err := jmap.CheckIJSON(body); err != nil {
		return requestProblem(jmap.RequestErrorNotJSON, err.Error())
	}
	if err := checkSurrogates(body); err != nil {
		return requestProblem(jmap.RequestErrorNotJSON, err.Error())
	}
	if containers(body) > maxContainers {
		refusal := limitProblem(http.StatusRequestEntityTooLarge, "maxSizeRequest", s.limits.MaxSizeRequest)
		refusal.Detail = fmt.Sprintf("the request has more than %d objects and arrays", maxContainers)
		return refusal
	}
	return nil
}

// run calls the methods in order and returns the Response in JSON, with the extra properties, in pieces: in one it would be in memory twice.
func (s *Store) run(ctx context.Context, u *user, q *jmap.Request, extra map[string]json.RawMessage) ([][]byte, error) {
	b := &batch{ctx: ctx, store: s, user: u, using: map[string]bool{}, created: map[jmap.ID]jmap.ID{}}
	for _, capability := range q.Using {
		b.using[capability] = true
	}
	for k, v := range q.CreatedIDs {
		b.created[k] = v
	}
	for _, call := range q.MethodCalls {
		b.call(call)
	}
	response := jmap.Response{SessionState: s.sessionState(), Extra: extra}
	if q.CreatedIDs != nil {
		response.CreatedIDs = b.created
	}
	return inPieces(response, b.responses)
}

// inPieces encodes a response whose invocations are in JSON already.
func inPieces(response jmap.Response, invocations []jmap.Invocation) ([][]byte, error) {
	frame, err := response.MarshalJSON()
	if err != nil {
		return nil, err
	}
	begin := bytes.IndexByte(frame, '[') + 1
	pieces := [][]byte{frame[:begin]}
	separator := ""
	for _, i := range invocations {
		name, err := json.Marshal(i.Name)
		if err != nil {
			return nil, err
		}
		id, err := json.Marshal(i.CallID)
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, slices.Concat([]byte(separator+"["), name, []byte(",")), i.Raw, slices.Concat([]byte(","), id, []byte("]")))
		separator = ","
	}
	return append(pieces, frame[begin:]), nil
}
