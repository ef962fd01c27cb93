package embedded

import (
	"net/http"
	"strings"
)

// The paths of the endpoints (RFC 8620 section 2).
const (
	pathWellKnown   = "/.well-known/jmap"
	pathSession     = "/jmap/session"
	pathAPI         = "/jmap/api"
	pathUpload      = "/jmap/upload/"
	pathDownload    = "/jmap/download/"
	pathEventSource = "/jmap/eventsource"
	pathSocket      = "/jmap/ws"
)

// ServeHTTP answers the endpoints of RFC 8620 to users who authenticate with Basic.
func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	handle, methods := s.route(r.URL.Path)
	if handle == nil {
		writeProblem(w, problem(http.StatusNotFound, "there is nothing at this path"))
		return
	}
	if !strings.Contains(methods, r.Method) {
		w.Header().Set("Allow", methods)
		writeProblem(w, problem(http.StatusMethodNotAllowed, "use "+methods))
		return
	}
	if s.isClosed() {
		writeProblem(w, problem(http.StatusServiceUnavailable, "the server is shutting down"))
		return
	}
	u := s.authenticate(r)
	if u == nil {
		w.Header().Set("WWW-Authenticate", `Basic realm="JMAP", charset="UTF-8"`)
		writeProblem(w, problem(http.StatusUnauthorized, "a user name and password are needed"))
		return
	}
	handle(w, r, u)
}

type endpoint func(http.ResponseWriter, *http.Request, *user)

// route returns the endpoint at a path and the methods it takes.
func (s *Store) route(path string) (endpoint, string) {
	switch {
	case path == pathWellKnown, path == pathSession:
		return s.serveSession, "GET, HEAD"
	case path == pathAPI, path == pathAPI+"/":
		return s.serveAPI, "POST"
	case strings.HasPrefix(path, pathUpload):
		return s.serveUpload, "POST"
	case strings.HasPrefix(path, pathDownload):
		return s.serveDownload, "GET, HEAD"
	case path == pathEventSource, path == pathEventSource+"/":
		return s.serveEventSource, "GET"
	case path == pathSocket, path == pathSocket+"/":
		return s.serveSocket, "GET"
	}
	return nil, ""
}

// authenticate returns nil when the credentials are missing or wrong.
func (s *Store) authenticate(r *http.Request) *user {
	name, password, ok := r.BasicAuth()
	if !ok {
		return nil
	}
	s.mu.RLock()
	u := s.users[name]
	s.mu.RUnlock()
	if !s.hashing.verify(u, password) {
		return nil
	}
	return u
}

// accountFor returns nil when the account does not exist or the user may not use it.
func (s *Store) accountFor(u *user, id string) *account {
	if !u.may(id) {
		return nil
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.accounts[id]
}
