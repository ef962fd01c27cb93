package main

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/server/servertest"
)

// A directory of anyone's scripts, with all that the report tells, and the exit status.
func TestImaptestRunsForeignScripts(t *testing.T) {
	server := servertest.New(t, servertest.Options{Users: map[string]string{"second": "secret"}})
	dir := t.TempDir()
	for name, text := range map[string]string{
		"default.mbox": "From a Sat Feb  3 10:00:00 2024\nSubject: x\n\ntext\n",
		"good":         "\nok fetch 1 (flags)\n* 1 fetch (flags ())\n",
		"of-two-users": "connections: 2\nuser 2: $user2\nstate: auth\n\n2 ok status INBOX (messages)\n* status INBOX (messages 0)\n",
		"not-there":    "capabilities: X-NOT-THERE\n\nok noop\n",
		"wrong":        "messages: 1\n\nok search all\n* search 1 2\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	args := []string{"imaptest", "--server", server.Addr, "--user", "demo:demo", "--user2", "second:secret"}
	status, out, stderr := try(append(args, dir)...)
	require.Equal(t, exitFailed, status, stderr)
	require.Equal(t, filepath.Join(dir, "wrong")+":4: command 1 of 1 (line 3): search all\n  expected  * search 1 2\n  came      * SEARCH 1\n"+
		"4 test groups: 1 failed, 1 skipped due to missing capabilities\n"+
		"base protocol: 2/3 individual commands passed\nextensions: 0/0 individual commands passed\n", out)
	require.Empty(t, stderr)

	status, out, _ = try(append(args, "--verbose", filepath.Join(dir, "good"))...)
	require.Equal(t, exitOK, status)
	require.Contains(t, out, "good 1 S: * 1 FETCH (FLAGS (")

	require.NoError(t, os.WriteFile(filepath.Join(dir, "broken"), []byte("\nok\n"), 0o600))
	status, out, stderr = try(append(args, filepath.Join(dir, "broken"), filepath.Join(dir, "good"))...)
	require.Equal(t, exitFailed, status)
	require.Contains(t, out, "1 test groups: 0 failed")
	require.Equal(t, filepath.Join(dir, "broken")+":2: there is no command\n", stderr)
}

// greeter speaks TLS, and says no more than a greeting.
func greeter(t *testing.T) (addr string, certificate []byte) {
	web := httptest.NewTLSServer(nil) // for its certificate
	web.Close()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: web.TLS.Certificates})
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte("* OK hello\r\n"))
			_, _ = io.Copy(io.Discard, conn)
			_ = conn.Close()
		}
	}()
	return l.Addr().String(), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})
}

func TestImaptestSpeaksTLS(t *testing.T) {
	addr, certificate := greeter(t)
	dir := t.TempDir()
	ca, none, script := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "none.pem"), filepath.Join(dir, "script")
	require.NoError(t, os.WriteFile(ca, certificate, 0o600))
	require.NoError(t, os.WriteFile(none, nil, 0o600))
	require.NoError(t, os.WriteFile(script, []byte("state: nonauth\n\n* ok hello\n"), 0o600))
	args := []string{"imaptest", "--server", addr, "--user", "a:b", "--tls"}
	status, out, _ := try(append(args, "--ca", ca, script)...)
	require.Equal(t, exitOK, status, out)
	status, out, _ = try(append(args, script)...)
	require.Equal(t, exitFailed, status)
	require.Contains(t, out, "certificate signed by unknown authority")
	status, _, stderr := try(append(args, "--ca", none, script)...)
	require.Equal(t, exitUsage, status)
	require.Contains(t, stderr, "there is no certificate in")
}
