// Code generated from gen/schema/runtime/request.go. DO NOT EDIT.

package jmap

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Request is a batch of method calls that a server runs in order (RFC 8620 section 3.3).
type Request struct {
	Using       []string // capabilities that the calls use
	MethodCalls []Invocation
	CreatedIDs  map[ID]ID // creation ids to ids; nil is not sent
	Extra       map[string]json.RawMessage
}

// Response is the answer to a Request (RFC 8620 section 3.4).
type Response struct {
	MethodResponses []Invocation
	CreatedIDs      map[ID]ID // only when the request had them
	SessionState    string
	Extra           map[string]json.RawMessage
}

// MarshalJSON writes the request.
func (q Request) MarshalJSON() ([]byte, error) {
	b := appendList(appendKey([]byte{'{'}, "using"), q.Using, appendString)
	b, err := appendInvocations(appendKey(b, "methodCalls"), q.MethodCalls)
	if err != nil {
		return nil, err
	}
	if q.CreatedIDs != nil {
		b = appendMap(appendKey(b, "createdIds"), q.CreatedIDs, appendString)
	}
	return append(appendMembers(b, q.Extra), '}'), nil
}

// MarshalJSON writes the response.
func (p Response) MarshalJSON() ([]byte, error) {
	b, err := appendInvocations(appendKey([]byte{'{'}, "methodResponses"), p.MethodResponses)
	if err != nil {
		return nil, err
	}
	if p.CreatedIDs != nil {
		b = appendMap(appendKey(b, "createdIds"), p.CreatedIDs, appendString)
	}
	b = appendString(appendKey(b, "sessionState"), p.SessionState)
	return append(appendMembers(b, p.Extra), '}'), nil
}

func appendInvocations(b []byte, list []Invocation) ([]byte, error) {
	b = append(b, '[')
	for n, i := range list {
		if n > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = i.appendJSON(b); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

// UnmarshalJSON reads a request; using and methodCalls must be there.
func (q *Request) UnmarshalJSON(data []byte) error {
	*q = Request{}
	return unmarshalWith(data, func(r *reader) error {
		if err := r.object(func(key []byte) error { return q.property(r, string(key)) }); err != nil {
			return err
		}
		switch {
		case q.Using == nil:
			return in("using", ErrMissing)
		case q.MethodCalls == nil:
			return in("methodCalls", ErrMissing)
		}
		return nil
	})
}

func (q *Request) property(r *reader, name string) (err error) {
	switch name {
	case "using":
		q.Using, err = decodeList(r, (*reader).string)
	case "methodCalls":
		q.MethodCalls, err = decodeList(r, decodeInvocation)
	case "createdIds":
		q.CreatedIDs, err = decodeMap[ID](r, (*reader).id)
	default:
		q.Extra, err = r.keep(q.Extra, name)
	}
	if err != nil {
		return in(name, err)
	}
	return nil
}

// UnmarshalJSON reads a response; methodResponses must be there.
func (p *Response) UnmarshalJSON(data []byte) error {
	*p = Response{}
	return unmarshalWith(data, func(r *reader) error {
		if err := r.object(func(key []byte) error { return p.property(r, string(key)) }); err != nil {
			return err
		}
		if p.MethodResponses == nil {
			return in("methodResponses", ErrMissing)
		}
		return nil
	})
}

func (p *Response) property(r *reader, name string) (err error) {
	switch name {
	case "methodResponses":
		p.MethodResponses, err = decodeList(r, decodeInvocation)
	case "createdIds":
		p.CreatedIDs, err = decodeMap[ID](r, (*reader).id)
	case "sessionState":
		p.SessionState, err = r.string()
	default:
		p.Extra, err = r.keep(p.Extra, name)
	}
	if err != nil {
		return in(name, err)
	}
	return nil
}

func (r *reader) id() (ID, error) {
	s, err := r.string()
	return ID(s), err
}

// keep stores an unknown property.
func (r *reader) keep(extra map[string]json.RawMessage, name string) (map[string]json.RawMessage, error) {
	raw, err := r.raw()
	if err != nil {
		return extra, err
	}
	if extra == nil {
		extra = map[string]json.RawMessage{}
	}
	extra[name] = raw
	return extra, nil
}

// Handle names a call of a request, to refer to its result or to find its response.
type Handle struct {
	Name string
	ID   string
}

// Ref returns a reference to the part of the call's response that path points to, such as "/ids" or
// "/list/*/threadId" (RFC 8620 section 3.7).
func (h Handle) Ref(path string) *ResultReference {
	return &ResultReference{ResultOf: h.ID, Name: h.Name, Path: path}
}

// Add appends a call and gives it the next call id.
func (q *Request) Add(args Method) Handle {
	h := Handle{Name: args.Method(), ID: "c" + strconv.Itoa(len(q.MethodCalls))}
	q.MethodCalls = append(q.MethodCalls, Invocation{Name: h.Name, Args: args, CallID: h.ID})
	return h
}

// Find returns the response of the call with that id and method name, or the error in its place.
func (p *Response) Find(h Handle) (Invocation, bool) {
	for _, i := range p.MethodResponses {
		if i.CallID == h.ID && (i.Name == h.Name || i.Name == "error") {
			return i, true
		}
	}
	return Invocation{}, false
}

// Call is a Handle that knows the type of its response.
type Call[R any] struct{ Handle }

// Add appends a call to q as q.Add does, and keeps the type of its response.
func Add[R any](q *Request, args interface {
	Method
	NewResponse() *R
}) Call[R] {
	return Call[R]{q.Add(args)}
}

// Response returns the typed response of the call. A method-level error is a *MethodError.
func (c Call[R]) Response(p *Response) (*R, error) {
	i, ok := p.Find(c.Handle)
	if !ok {
		return nil, fmt.Errorf("decoding %s: no response to call %s", c.Name, c.ID)
	}
	response := new(R)
	method, ok := any(response).(Method)
	if !ok {
		return nil, fmt.Errorf("decoding %s: %T is not a response", c.Name, response)
	}
	if err := i.Into(method); err != nil {
		return nil, err
	}
	return response, nil
}
