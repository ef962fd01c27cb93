package mailfile

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// collector is a Visitor that keeps everything.
type collector struct {
	messages   []*Message
	ignored    map[string]string
	unreadable map[string]error
}

func (c *collector) Message(m *Message) error { c.messages = append(c.messages, m); return nil }
func (c *collector) Ignored(path, reason string) error {
	c.ignored[filepath.Base(path)] = reason
	return nil
}
func (c *collector) Unreadable(path string, err error) error {
	c.unreadable[filepath.Base(path)] = err
	return nil
}

func collect(t *testing.T, options Options, paths ...string) *collector {
	c := &collector{ignored: map[string]string{}, unreadable: map[string]error{}}
	require.NoError(t, Read(paths, options, c))
	return c
}

func write(t *testing.T, dir string, files map[string]string) string {
	for name, content := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	return dir
}

func content(t *testing.T, m *Message) string {
	r, err := m.Open()
	require.NoError(t, err)
	defer r.Close()
	octets, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(octets)
}

func TestReadMboxFlags(t *testing.T) {
	dir := write(t, t.TempDir(), map[string]string{"old": strings.Join([]string{
		separator + "Status: RO\nX-Status: AF\nX-Keywords: Work bad\\word NonJunk\n\nbody Status: O\n",
		separator + "X-Mozilla-Status: 1003\nX-Mozilla-Keys: later  \n\nStatus: R\n",
		separator + "X-Status: D\n\n", separator + "X-Mozilla-Status: 0008\n\n",
		separator + "Subject: notes\nX-IMAP: 123\n\n",
		"From MAILER-DAEMON Thu Jan  1 00:00:00 1970\nReceived: by a; Tue, 2 Apr 2024 10:00:00 +0200\nDate: Mon, 1 Apr 2024 10:00:00 +0200\n\n",
	}, "\n")})
	c := collect(t, Options{}, filepath.Join(dir, "old"))
	require.Len(t, c.messages, 6)
	require.Equal(t, []string{"$answered", "$flagged", "$seen", "nonjunk", "work"}, c.messages[0].Keywords)
	require.Equal(t, time.Date(1996, 1, 3, 1, 5, 34, 0, time.UTC), c.messages[0].ReceivedAt)
	require.Equal(t, "Status: RO\nX-Status: AF\nX-Keywords: Work bad\\word NonJunk\n\nbody Status: O\n", content(t, c.messages[0]))
	require.Equal(t, []string{"$answered", "$forwarded", "$seen", "later"}, c.messages[1].Keywords)
	require.True(t, c.messages[2].Deleted)
	require.True(t, c.messages[3].Deleted)
	require.True(t, c.messages[4].Internal)
	require.Equal(t, time.Date(2024, 4, 2, 8, 0, 0, 0, time.UTC), c.messages[5].ReceivedAt.UTC())
	require.Contains(t, c.messages[1].Where(), "old at octet ")
	var total int64
	for _, m := range c.messages {
		total += m.FileSize
	}
	require.InDelta(t, Size([]string{dir}), total, 2, "the progress reaches the end")
}

func TestReadDirectory(t *testing.T) {
	dir := write(t, t.TempDir(), map[string]string{
		"a.eml":         "Subject: a\nDate: Mon, 1 Apr 2024 10:00:00 +0200\n\nx\n",
		"b/c.EML":       "no header at all",
		"d.mbox":        separator + "A: b\n\n",
		"plain":         "Subject: p\n\n",
		"image.png":     "\x89PNG\r\n",
		"empty.eml":     "",
		"From.eml":      "From the start, no mbox file\n",
		"box/cur/1:2,S": "Subject: 1\n\n",
		"box/new/2":     "Subject: 2\n\n",
	})
	require.NoError(t, os.Symlink(dir, filepath.Join(dir, "loop")))
	c := collect(t, Options{CRLF: true}, dir, filepath.Join(dir, "nothing"))
	var names []string
	for _, m := range c.messages {
		names = append(names, strings.TrimPrefix(m.Path, dir+"/"))
	}
	require.Equal(t, []string{"From.eml", "a.eml", "b/c.EML", "box/cur/1:2,S", "box/new/2", "d.mbox", "plain"}, names)
	require.Equal(t, "Subject: a\r\nDate: Mon, 1 Apr 2024 10:00:00 +0200\r\n\r\nx\r\n", content(t, c.messages[1]))
	require.Equal(t, "2024-04-01T08:00:00Z", c.messages[1].ReceivedAt.UTC().Format(time.RFC3339))
	require.True(t, c.messages[2].ReceivedAt.IsZero())
	require.Equal(t, map[string]string{"empty.eml": "empty", "image.png": "neither an mbox file nor a message", "loop": "a symbolic link"}, c.ignored)
	require.ErrorIs(t, c.unreadable["nothing"], os.ErrNotExist)
}

func TestReadMaildir(t *testing.T) {
	dir := write(t, t.TempDir(), map[string]string{
		"cur/1.host:2,FRSab":        "Subject: 1\r\n\r\n",
		"cur/2.host:2,DPT":          "Status: RO\r\n\r\n",
		"cur/3.host;2,S":            "\r\n",
		"cur/.hidden":               "x",
		"new/4.host":                "Subject: 4\r\n\r\n",
		"tmp/5.host":                "Subject: half",
		"dovecot-keywords":          "0 $MDNSent\n1 Work\nx y\n",
		".Sent.2024/cur/6.host:2,S": "Subject: 6\r\n\r\n", ".Sent.2024/new/.keep": "",
		".Entw&APw-rfe/cur/.keep": "", ".Entw&APw-rfe/new/7.host": "Subject: 7\r\n\r\n",
		"not a folder/tmp/8": "", "not a folder/notes": "", ".nor/this/cur/.keep": "", ".nor/this/new/9": "",
	})
	at := time.Date(2020, 2, 3, 4, 5, 6, 0, time.UTC)
	require.NoError(t, os.Chtimes(filepath.Join(dir, "new/4.host"), at, at))
	c := collect(t, Options{}, dir)
	require.Len(t, c.messages, 6)
	keywords := map[string][]string{}
	for _, m := range c.messages {
		keywords[filepath.Base(m.Path)[:1]] = m.Keywords
	}
	require.Equal(t, map[string][]string{
		"1": {"$answered", "$flagged", "$mdnsent", "$seen", "work"}, "2": {"$draft", "$forwarded"}, "3": {"$seen"}, "4": nil,
		"6": {"$seen"}, "7": nil,
	}, keywords)
	require.True(t, c.messages[1].Deleted)
	require.Equal(t, at, c.messages[3].ReceivedAt.UTC())
	require.Nil(t, c.messages[0].Folder)
	require.Equal(t, []string{"Entwürfe"}, c.messages[4].Folder)
	require.Equal(t, []string{"Sent", "2024"}, c.messages[5].Folder)
}

func TestReadMaildirWithDirectoriesAsSubfolders(t *testing.T) {
	dir := write(t, t.TempDir(), map[string]string{
		"cur/1": "Subject: 1\r\n\r\n", "new/.keep": "",
		"Old/cur/2:2,S": "Subject: 2\r\n\r\n", "Old/new/.keep": "",
		"Old/2019/cur/.keep": "", "Old/2019/new/3": "Subject: 3\r\n\r\n",
		"Lists/go.dev/cur/4": "Subject: 4\r\n\r\n", "Lists/go.dev/new/.keep": "",
	})
	require.NoError(t, os.Symlink(dir, filepath.Join(dir, "Old/circle")))
	folders := map[string]string{}
	c := collect(t, Options{}, dir)
	for _, m := range c.messages {
		folders[strings.Join(m.Folder, "/")] += filepath.Base(m.Path)[:1]
	}
	require.Equal(t, map[string]string{"": "1", "Old": "2", "Old/2019": "3", "Lists/go.dev": "4"}, folders)
	require.Equal(t, map[string]string{"circle": "a symbolic link"}, c.ignored)
}

func TestFolderName(t *testing.T) {
	for name, want := range map[string]string{
		"Sent": "Sent", "A&-B": "A&B", "&U,BTFw-": "台北", "Grüße": "Grüße", "&broken": "&broken", "&!!-": "&!!-",
		"&2D0-": "&2D0-", "&2D3eAA-": "\U0001F600",
	} {
		require.Equal(t, want, folderName(name))
	}
}
