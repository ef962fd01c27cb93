package embedded

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// serveDownload sends a blob (RFC 8620 section 6.2), whole or in ranges.
func (s *Store) serveDownload(w http.ResponseWriter, r *http.Request, u *user) {
	parts := strings.SplitN(strings.TrimPrefix(r.URL.Path, pathDownload), "/", 3)
	a := s.accountFor(u, parts[0])
	if a == nil || len(parts) < 2 {
		writeProblem(w, problem(http.StatusNotFound, "there is no such account"))
		return
	}
	content, err := a.openBlob(r.Context(), jmap.ID(parts[1]))
	if errors.Is(err, errNoBlob) {
		writeProblem(w, problem(http.StatusNotFound, "there is no such blob"))
		return
	}
	if err != nil {
		s.log.Error("reading a blob", "account", a.id, "err", err)
		writeProblem(w, problem(http.StatusInternalServerError, "the blob could not be read"))
		return
	}
	defer content.Close()
	h := w.Header()
	h.Set("Content-Type", downloadType(r.URL.Query().Get("accept")))
	h.Set("Content-Disposition", disposition(parts))
	h.Set("Cache-Control", "private, immutable, max-age=31536000")
	h.Set("ETag", `"`+parts[1]+`"`)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	http.ServeContent(w, r, "", time.Time{}, content)
}

// downloadType is the type that the client asked for, unless it is none.
func downloadType(accept string) string {
	if mediaType, params, err := mime.ParseMediaType(accept); err == nil && strings.Contains(mediaType, "/") {
		if text := mime.FormatMediaType(mediaType, params); text != "" {
			return text
		}
	}
	return "application/octet-stream"
}

func disposition(parts []string) string {
	if len(parts) == 3 && parts[2] != "" {
		if text := mime.FormatMediaType("attachment", map[string]string{"filename": parts[2]}); text != "" {
			return text
		}
	}
	return "attachment"
}

// openBlob opens a file, or the decoded body of a part of the message in it.
func (a *account) openBlob(ctx context.Context, id jmap.ID) (io.ReadSeekCloser, error) {
	name, ok := parseBlobID(id)
	if !ok {
		return nil, errNoBlob
	}
	if len(name.path) == 0 {
		f, err := a.blobs.open(name.digest)
		if err != nil {
			return nil, a.explain(err, name.digest)
		}
		return f, nil
	}
	f, err := a.spoolPart(ctx, name)
	if err != nil {
		return nil, err
	}
	return f, nil
}
