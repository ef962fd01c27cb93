package embedded

import (
	"bufio"
	"fmt"
	"net/http"
	"strconv"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// problem makes problem details (RFC 7807) that JMAP has no type for.
func problem(status int, detail string) *jmap.RequestError {
	return &jmap.RequestError{Type: "about:blank", Status: status, Title: http.StatusText(status), Detail: detail}
}

func requestProblem(kind jmap.RequestErrorType, detail string) *jmap.RequestError {
	return &jmap.RequestError{Type: kind, Status: http.StatusBadRequest, Detail: detail}
}

// limitProblem names the property of the capabilities that was exceeded (RFC 8620 section 3.6.1).
func limitProblem(status int, limit string, most int64) *jmap.RequestError {
	return &jmap.RequestError{
		Type: jmap.RequestErrorLimit, Status: status, Limit: limit, Detail: fmt.Sprintf("%s is %d", limit, most),
	}
}

func writeProblem(w http.ResponseWriter, p *jmap.RequestError) {
	writeJSON(w, "application/problem+json", p.Status, p.AppendJSON(nil))
}

// writeJSON sends a body that may come in pieces.
func writeJSON(w http.ResponseWriter, mediaType string, status int, body ...[]byte) {
	size := 0
	for _, piece := range body {
		size += len(piece)
	}
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Length", strconv.Itoa(size))
	h.Set("Cache-Control", "no-cache, no-store, must-revalidate")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	// Within the process each write waits for the client, so small pieces go together. An error means that the client is gone.
	out := bufio.NewWriterSize(w, min(size, 64<<10))
	for _, piece := range body {
		out.Write(piece)
	}
	out.Flush()
}
