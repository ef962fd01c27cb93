package embedded

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// serveUpload stores the body as a blob (RFC 8620 section 6.1).
func (s *Store) serveUpload(w http.ResponseWriter, r *http.Request, u *user) {
	a := s.accountFor(u, strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, pathUpload), "/"))
	if a == nil {
		writeProblem(w, problem(http.StatusNotFound, "there is no such account"))
		return
	}
	if !s.gates.enter(u, "upload", s.limits.MaxConcurrentUpload) {
		writeProblem(w, limitProblem(http.StatusTooManyRequests, "maxConcurrentUpload", int64(s.limits.MaxConcurrentUpload)))
		return
	}
	defer s.gates.leave(u, "upload")
	if r.ContentLength > s.limits.MaxSizeUpload {
		writeProblem(w, limitProblem(http.StatusRequestEntityTooLarge, "maxSizeUpload", s.limits.MaxSizeUpload))
		return
	}
	body := &sourceReader{r: r.Body}
	d, size, err := a.blobs.put(body, s.limits.MaxSizeUpload, s.now())
	switch {
	case errors.Is(err, ErrTooLarge):
		writeProblem(w, limitProblem(http.StatusRequestEntityTooLarge, "maxSizeUpload", s.limits.MaxSizeUpload))
		return
	case body.err != nil:
		writeProblem(w, problem(http.StatusBadRequest, "the body was cut short"))
		return
	case err != nil:
		s.log.Error("storing an upload", "account", a.id, "err", err)
		writeProblem(w, problem(http.StatusInternalServerError, "the blob could not be stored"))
		return
	}
	mediaType := r.Header.Get("Content-Type")
	if mediaType == "" {
		mediaType = "application/octet-stream"
	}
	response := &jmap.UploadResponse{
		AccountID: jmap.ID(a.id), BlobID: blobName{digest: d}.id(), Type: mediaType, Size: uint64(size),
	}
	writeJSON(w, "application/json", http.StatusCreated, response.AppendJSON(nil))
}

// sourceReader tells a failure of the client from one of the disk.
type sourceReader struct {
	r   io.Reader
	err error
}

func (s *sourceReader) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}
