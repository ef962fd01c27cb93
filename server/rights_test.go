package server_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/server/servertest"
)

// unreadable is a JMAP server that lets nobody read the mail in any mailbox.
type unreadable struct{ http.RoundTripper }

func (u unreadable) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := u.RoundTripper.RoundTrip(r)
	if err != nil || r.Header.Get("Accept") == "text/event-stream" {
		return response, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	body = bytes.ReplaceAll(body, []byte(`"mayReadItems":true`), []byte(`"mayReadItems":false`))
	response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	response.Header.Del("Content-Length")
	return response, nil
}

func TestUnreadableMailboxIsNotEmpty(t *testing.T) {
	s := servertest.New(t, servertest.Options{Transport: func(rt http.RoundTripper) http.RoundTripper { return unreadable{rt} }})
	c := s.Login()
	require.Equal(t, []string{`* LIST (\HasNoChildren \Noselect) "/" INBOX`}, c.OK(`LIST "" INBOX RETURN (STATUS (MESSAGES))`))
	for _, command := range []string{"SELECT INBOX", "EXAMINE INBOX", "STATUS INBOX (MESSAGES)"} {
		require.Contains(t, c.No(command), "[NOPERM]", command)
	}
}
