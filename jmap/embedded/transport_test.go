package embedded

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// A body that ends before its Content-Length ends with an error within the process, too.
func TestTransportTellsShortBodies(t *testing.T) {
	short := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		io.WriteString(w, "short")
	})
	for method, want := range map[string]error{"GET": io.ErrUnexpectedEOF, "HEAD": nil} {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://in.process/", nil)
		require.NoError(t, err)
		response, err := transport{short}.RoundTrip(r)
		require.NoError(t, err)
		_, err = io.ReadAll(response.Body)
		require.ErrorIs(t, err, want)
		response.Body.Close()
	}
}
