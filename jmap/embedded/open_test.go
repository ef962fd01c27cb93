package embedded

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	bolt "github.com/boltdb/bolt"
	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/jmap/embedded/boltfile"
)

func fill(t *testing.T, dir string) (mail string) {
	t.Helper()
	s, err := Open(Options{Dir: dir, HashIterations: 1})
	require.NoError(t, err)
	require.NoError(t, s.AddAccount("alice", "secret"))
	c := clientFor(t, s, "http://in.process", "alice")
	c.http = clientOf(s)
	inbox := c.mailbox("inbox")
	for range 20 {
		c.importMail(message("s", "a@example.org", "x"), inbox, "")
	}
	require.NoError(t, s.Close())
	return filepath.Join(dir, "accounts", c.account, "mail.bolt")
}

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir)
	s, err := Open(Options{Dir: dir})
	require.NoError(t, err)
	defer s.Close()
	require.Equal(t, []string{"alice"}, s.Accounts())
	require.ErrorIs(t, s.AddAccount("alice", "x"), ErrAccountExists)
	require.ErrorIs(t, s.SetPassword("bob", "x"), ErrNoAccount)
	require.Error(t, s.AddAccount("a:b", "x"))
	c := clientFor(t, s, "http://in.process", "alice")
	c.http = clientOf(s)
	require.EqualValues(t, 20, c.boxes()["Inbox"]["totalEmails"])
	require.Len(t, c.boxes(), 6)
}

func TestOpenInUse(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(Options{Dir: dir})
	require.NoError(t, err)
	defer s.Close()
	begin := time.Now()
	_, err = Open(Options{Dir: dir})
	require.ErrorIs(t, err, ErrInUse)
	require.ErrorContains(t, err, dir)
	require.Less(t, time.Since(begin), 20*time.Second)
}

// However short a bolt file is cut, and wherever it is overwritten, there is an error that names
// it, or what is left is served; never a crash.
func TestOpenDamaged(t *testing.T) {
	dir := t.TempDir()
	mail := fill(t, dir)
	for _, path := range []string{mail, filepath.Join(dir, "store.bolt")} {
		whole, err := os.ReadFile(path)
		require.NoError(t, err)
		used, err := boltfile.Size(bytes.NewReader(whole))
		require.NoError(t, err)
		whole = whole[:used] // what is behind was only reserved
		for _, size := range []int{0, 1, 100, 4096, 4097, 8192, 12_000, len(whole) / 2, len(whole) - 1} {
			require.NoError(t, os.WriteFile(path, whole[:size], 0o600))
			_, err := Open(Options{Dir: dir})
			require.ErrorIs(t, err, ErrCorrupt, "%s cut to %d", path, size)
			require.ErrorContains(t, err, path)
		}
		for page := 0; page < len(whole)/4096; page++ {
			broken := append([]byte{}, whole...)
			for i := range 4096 {
				broken[page*4096+i] = byte(i * 7)
			}
			require.NoError(t, os.WriteFile(path, broken, 0o600))
			useDamaged(t, dir, path)
		}
		require.NoError(t, os.WriteFile(path, whole, 0o600))
	}
	require.NoError(t, os.Remove(mail))
	_, err := Open(Options{Dir: dir})
	require.ErrorIs(t, err, ErrCorrupt)
	require.NoError(t, os.Mkdir(mail, 0o700))
	_, err = Open(Options{Dir: dir})
	require.ErrorIs(t, err, ErrCorrupt)
}

// useDamaged calls methods, which may fail but not panic.
func useDamaged(t *testing.T, dir, path string) {
	s, err := Open(Options{Dir: dir, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		require.ErrorContains(t, err, path)
		return
	}
	defer s.Close()
	names := s.Accounts()
	if len(names) == 0 {
		return
	}
	c := clientFor(t, s, "http://in.process", names[0])
	c.http = clientOf(s)
	r, err := c.http.Get(c.url + pathSession)
	require.NoError(t, err)
	require.Equal(t, 401, r.StatusCode)
	for _, method := range []string{"Mailbox/get", "Email/get", "Thread/get"} {
		c.call(method, `"ids":null`)
	}
	c.call("Email/query", `"filter":{"text":"x"}`)
	c.call("Email/changes", `"sinceState":"0"`)
	c.call("Email/set", `"destroy":["e1","e2"]`)
}

func TestOpenNewerVersion(t *testing.T) {
	dir := t.TempDir()
	path := fill(t, dir)
	db, err := bolt.Open(path, 0o600, nil)
	require.NoError(t, err)
	require.NoError(t, db.Update(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketMeta).Put(keyVersion, numberKey(schemaVersion+1))
	}))
	require.NoError(t, db.Close())
	_, err = Open(Options{Dir: dir})
	require.ErrorIs(t, err, ErrVersion)
	require.ErrorContains(t, err, path)
}

func TestOpenUnusableDirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := Open(Options{Dir: file})
	require.ErrorContains(t, err, file)
	_, err = Open(Options{Dir: filepath.Join(file, "below")})
	require.ErrorContains(t, err, file)
	_, err = Open(Options{})
	require.Error(t, err)
	if os.Getuid() != 0 {
		dir := t.TempDir()
		require.NoError(t, os.Chmod(dir, 0o100))
		_, err = Open(Options{Dir: dir})
		require.ErrorContains(t, err, dir)
	}
}
