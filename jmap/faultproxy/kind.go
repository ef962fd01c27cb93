package faultproxy

import (
	"encoding/json"
	"net/http"
	"strings"
)

// Kind says what a request is for.
type Kind int

// The kinds of requests that a JMAP client makes (RFC 8620).
const (
	Any      Kind = iota // in a Rule: whatever it is for
	Session              // the session resource, section 2
	Call                 // method calls, section 3.3
	Upload               // section 6.1
	Download             // section 6.2
	Events               // the event stream, section 7.3, or a WebSocket (RFC 8887)
)

// String returns the name of the kind in lower case.
func (k Kind) String() string {
	return [...]string{"any", "session", "call", "upload", "download", "events"}[k]
}

// kindOf goes by what clients have to send, since servers lay out their URLs as they like.
func kindOf(r *http.Request) Kind {
	accept := r.Header.Get("Accept")
	switch {
	case strings.Contains(accept, "text/event-stream"), r.Header.Get("Upgrade") != "":
		return Events
	case r.Method == http.MethodPost && strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"):
		return Call
	case r.Method == http.MethodPost:
		return Upload
	case strings.Contains(accept, "application/json"):
		return Session
	}
	return Download
}

// methodsOf returns the names of the methods that a request calls.
func methodsOf(body []byte) []string {
	var request struct {
		MethodCalls [][]json.RawMessage `json:"methodCalls"`
	}
	if json.Unmarshal(body, &request) != nil {
		return nil
	}
	var names []string
	for _, call := range request.MethodCalls {
		var name string
		if len(call) > 0 && json.Unmarshal(call[0], &name) == nil {
			names = append(names, name)
		}
	}
	return names
}
