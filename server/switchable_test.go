package server_test

import (
	"net/http"
	"sync/atomic"
)

// switchable is a way to the backend that can be cut. It carries no event streams: they would vouch for the replica.
type switchable struct{ down atomic.Bool }

func (s *switchable) set(down bool) { s.down.Store(down) }

func (s *switchable) over(rt http.RoundTripper) http.RoundTripper {
	return away{streamless{rt}, s.down.Load}
}

// streamless is a server without push.
type streamless struct{ http.RoundTripper }

func (s streamless) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Header.Get("Accept") == "text/event-stream" {
		return &http.Response{StatusCode: http.StatusNotFound, Body: http.NoBody, Request: r}, nil
	}
	return s.RoundTripper.RoundTrip(r)
}
