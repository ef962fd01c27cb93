package main

import (
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/jmap/embedded"
)

// mailServer is an embedded store behind HTTP, with the account ann.
func mailServer(t *testing.T) (url string, session *jmap.Session) {
	store, err := embedded.Open(embedded.Options{Dir: t.TempDir(), HashIterations: 1})
	require.NoError(t, err)
	require.NoError(t, store.AddAccount("ann", "secret"))
	web := httptest.NewServer(store)
	t.Cleanup(func() { store.Close(); web.Close() })
	client, err := jmap.New(jmap.Config{URL: web.URL})
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	session, err = client.Login(t.Context(), jmap.Credentials{User: "ann", Password: "secret"})
	require.NoError(t, err)
	return web.URL, session
}

// hard returns messages that a careless importer would change.
func hard() []string {
	return []string{
		"Subject: Gr\xfc\xdfe\r\n\r\n8-bit\r\n",
		"Subject: bare\n\nFrom here\nlines end in LF\n",
		"Subject: NUL\r\n\r\n\x00\x00 and \x00\r\n",
		"Subject: large\r\n\r\n" + strings.Repeat("0123456789abcdef\r\n", 600_000),
	}
}

func writeMbox(t *testing.T, path string, messages []string) {
	var text strings.Builder
	for i, message := range messages {
		fmt.Fprintf(&text, "From ann@example.org Sat Jan  3 01:05:%02d 1996\n%s\n", i, strings.ReplaceAll(message, "\nFrom ", "\n>From "))
	}
	require.NoError(t, os.WriteFile(path, []byte(text.String()), 0o600))
}

func TestImportKeepsEveryOctet(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	t.Setenv("DRAGOMAN_PASSWORD", "secret")
	url, session := mailServer(t)
	dir := t.TempDir()
	writeMbox(t, filepath.Join(dir, "old.mbox"), hard())
	require.NoError(t, os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("\x00"), 0o600))

	args := []string{"import", "--jmap-url", url, "--user", "ann", "--mailbox", "Old/1996", dir}
	status, out, errs := try(args...)
	require.Equal(t, exitOK, status, errs)
	require.Empty(t, errs)
	require.Contains(t, out, "imported 4 messages (10.8 MB)")
	require.Contains(t, out, "notes.txt: neither an mbox file nor a message")

	account, _ := session.MailAccount()
	found, err := jmap.Call(t.Context(), session, &proto.EmailQuery{AccountID: account})
	require.NoError(t, err)
	emails, err := jmap.Call(t.Context(), session, &proto.EmailGet{AccountID: account, IDs: found.IDs, Properties: []string{"blobId", "receivedAt"}})
	require.NoError(t, err)
	var stored []string
	for _, email := range emails.List {
		require.Equal(t, 1996, email.ReceivedAt.Year())
		stored = append(stored, string(octets(t, session, email.BlobID)))
	}
	require.ElementsMatch(t, hard(), stored)

	status, out, _ = try(args...)
	require.Equal(t, exitOK, status)
	require.Contains(t, out, "imported 0 messages")
	require.Contains(t, out, "4 messages imported by an earlier run")
	require.Equal(t, 4, count(t, session))
	status, _, _ = try(append(args[:len(args)-1:len(args)-1], "--restart", dir)...)
	require.Equal(t, exitOK, status)
	require.Equal(t, 8, count(t, session))
}

func octets(t *testing.T, session *jmap.Session, blob proto.ID) []byte {
	account, _ := session.MailAccount()
	body, _, err := session.Download(t.Context(), account, blob, "message/rfc822", "x")
	require.NoError(t, err)
	defer body.Close()
	data, err := io.ReadAll(body)
	require.NoError(t, err)
	return data
}

func TestImportFailures(t *testing.T) {
	url, _ := mailServer(t)
	state := filepath.Join(t.TempDir(), "state")
	status, out, _ := try("import", "--jmap-url", url, "--user", "ann:secret", "--state", state, "/no/such/file")
	require.Equal(t, exitFailed, status)
	require.Contains(t, out, "/no/such/file: ")
	status, _, errs := try("import", "--jmap-url", url, "--user", "ann:secret", "--state", state, "/another/file")
	require.Equal(t, exitFailed, status)
	require.Contains(t, errs, "it belongs to another import")
	status, _, errs = try("import", "--jmap-url", url, "--user", "ann:wrong", "--state", state, "x")
	require.Equal(t, exitFailed, status)
	require.Contains(t, errs, "rejected the credentials")
	require.NotContains(t, errs, "wrong")
}
