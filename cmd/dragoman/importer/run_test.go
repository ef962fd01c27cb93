package importer

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dragoman-mail/dragoman/cmd/dragoman/mailfile"
	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/stretchr/testify/require"
)

// mail is eight messages in two files and a Maildir folder, one of them three times.
func mail(t *testing.T) []string {
	dir := t.TempDir()
	var mbox strings.Builder
	for _, message := range []string{"Subject: 1\nStatus: RO\n\none\n", "Subject: twin\n\n", "Subject: twin\n\n", "Subject: 4 \xff\x00\n\n", "Subject: 5\n\nfive\n"} {
		mbox.WriteString("From ann Sat Jan  3 01:05:34 1996\n" + message + "\n")
	}
	files := map[string]string{
		"a.mbox":                  mbox.String(),
		"b.eml":                   "Subject: twin\n\n",
		"box/cur/7:2,FS":          "Subject: 7\r\n\r\n",
		"box/new/.keep":           "",
		"box/.Sent.Old/cur/8:2,":  "Subject: 8\r\n\r\n",
		"box/.Sent.Old/new/.keep": "",
	}
	for name, content := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	return []string{filepath.Join(dir, "a.mbox"), filepath.Join(dir, "b.eml"), filepath.Join(dir, "box")}
}

var imported = []string{
	"[Inbox][$flagged $seen] Subject: 7\r\n\r\n",
	"[Inbox][$seen] Subject: 1\nStatus: RO\n\none\n",
	"[Inbox][] Subject: 4 \xff\x00\n\n",
	"[Inbox][] Subject: 5\n\nfive\n",
	"[Inbox][] Subject: twin\n\n", "[Inbox][] Subject: twin\n\n", "[Inbox][] Subject: twin\n\n",
	"[Sent/Old][] Subject: 8\r\n\r\n",
}

func journal(t *testing.T, path string) *Journal {
	j, err := OpenJournal(path, "test", false)
	require.NoError(t, err)
	t.Cleanup(func() { j.Close() })
	return j
}

// try runs an import as a process would that ends with ctx.
func try(ctx context.Context, t *testing.T, f *fake, state string, paths []string, change func(*Options)) (*Summary, error) {
	j := journal(t, state)
	defer j.Close()
	options := Options{Session: f.login(), Journal: j, Settle: time.Millisecond, Pause: time.Millisecond, Patience: 2 * time.Second}
	if change != nil {
		change(&options)
	}
	return Run(ctx, options, mailfile.Options{}, paths)
}

func TestRun(t *testing.T) {
	f, paths, state := newFake(t), mail(t), filepath.Join(t.TempDir(), "state", "journal")
	var done atomic.Int64
	summary, err := try(t.Context(), t, f, state, paths, func(o *Options) { o.Progress = func(n int64) { done.Add(n) } })
	require.NoError(t, err)
	require.Equal(t, imported, f.stored())
	require.Equal(t, 8, summary.Imported)
	require.Zero(t, summary.Failed.Count+summary.Skipped.Count+summary.Earlier)
	require.InDelta(t, mailfile.Size(paths), done.Load(), 1)

	f.calls = nil
	summary, err = try(t.Context(), t, f, state, paths, nil)
	require.NoError(t, err)
	require.Equal(t, 8, summary.Earlier)
	require.Equal(t, imported, f.stored())
	require.NotContains(t, f.calls, "upload")
}

func TestMailboxOption(t *testing.T) {
	f, paths := newFake(t), mail(t)
	_, err := try(t.Context(), t, f, filepath.Join(t.TempDir(), "j"), paths[2:], func(o *Options) { o.Mailbox = "/inbox//Old" })
	require.NoError(t, err)
	require.Equal(t, []string{"[Inbox/Old/Sent/Old][] Subject: 8\r\n\r\n", "[Inbox/Old][$flagged $seen] Subject: 7\r\n\r\n"}, f.stored())
	var parents []proto.ID
	for _, box := range f.mailboxes[1:] {
		parents = append(parents, *box.ParentID)
	}
	require.Equal(t, []proto.ID{"M0", "M1", "M2"}, parents)
}

// A run is killed at each of its requests, before and after the server did what it was asked, and run again. Whatever the
// moment, every message is there once.
func TestKilledAtAnyMoment(t *testing.T) {
	for _, kind := range []string{"plain", "own blob ids", "forgetful", "unique"} {
		for _, late := range []bool{false, true} {
			for at := 1; ; at++ {
				f, paths, state := newFake(t), mail(t), filepath.Join(t.TempDir(), "j")
				f.ownBlobs, f.forgetful, f.unique = kind == "own blob ids", kind == "forgetful", kind == "unique"
				ctx, kill := context.WithCancel(t.Context())
				var count atomic.Int64
				hook := func(string) bool {
					now := count.Add(1)
					if now == int64(at) {
						kill()
					}
					return now != int64(at)
				}
				if late {
					f.after = hook
				} else {
					f.before = hook
				}
				_, err := try(ctx, t, f, state, paths, nil)
				kill()
				if count.Load() < int64(at) {
					require.NoError(t, err)
					break
				}
				require.Error(t, err)
				tearLastLine(t, state, at)
				_, err = try(t.Context(), t, f, state, paths, nil)
				require.NoError(t, err, "%s %v %d", kind, late, at)
				want := imported
				if kind == "unique" {
					want = append(append([]string{}, imported[:5]...), imported[7:]...)
				}
				require.Equal(t, want, f.stored(), "%s %v %d", kind, late, at)
			}
		}
	}
}

// tearLastLine leaves a line in the journal that was being written when the power went.
func tearLastLine(t *testing.T, path string, n int) {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	defer file.Close()
	_, err = file.WriteString(`{"end":{"batch":9,"done":{"x":"y"}}}`[:n%30])
	require.NoError(t, err)
}

// Each request of a run fails once or twice; the run itself goes on.
func TestServerFailsAtAnyMoment(t *testing.T) {
	for _, late := range []bool{false, true} {
		for at := 1; ; at++ {
			f, paths := newFake(t), mail(t)
			count := 0
			hook := func(string) bool { count++; return count != at && count != at+1 }
			if late {
				f.after = hook
			} else {
				f.before = hook
			}
			summary, err := try(t.Context(), t, f, filepath.Join(t.TempDir(), "j"), paths, nil)
			require.NoError(t, err, "%v %d", late, at)
			require.Equal(t, imported, f.stored(), "%v %d", late, at)
			require.Equal(t, 8, summary.Imported)
			if count < at {
				break
			}
			at++
		}
	}
}

func TestRefusals(t *testing.T) {
	f, paths := newFake(t), mail(t)
	f.refuse = func(blob []byte) *proto.SetError {
		if strings.Contains(string(blob), "\x00") {
			return &proto.SetError{Type: proto.SetErrorInvalidEmail, Description: "NUL"}
		}
		return nil
	}
	f.limits = `"maxSizeUpload":20`
	summary, err := try(t.Context(), t, f, filepath.Join(t.TempDir(), "j"), paths, nil)
	require.NoError(t, err)
	require.Equal(t, 6, summary.Imported)
	require.Equal(t, map[string]int{"larger than the server accepts": 1, "the server refused it: invalidEmail: NUL": 1}, summary.Failed.Reasons)
	var text strings.Builder
	summary.Print(&text)
	require.Contains(t, text.String(), "2 failed")
	require.Contains(t, text.String(), "a.mbox at octet ")

	f.refuse = func([]byte) *proto.SetError { return &proto.SetError{Type: proto.SetErrorOverQuota} }
	_, err = try(t.Context(), t, f, filepath.Join(t.TempDir(), "j"), paths, nil)
	require.ErrorContains(t, err, "quota")
}

func TestLostBlobsAreSentAgain(t *testing.T) {
	f, paths := newFake(t), mail(t)
	lost := false
	f.before = func(what string) bool {
		if what == "Email/import" && !lost {
			lost = true
			clear(f.blobs)
		}
		return true
	}
	_, err := try(t.Context(), t, f, filepath.Join(t.TempDir(), "j"), paths, nil)
	require.NoError(t, err)
	require.Equal(t, imported, f.stored())
}

func TestBatchesShrink(t *testing.T) {
	f, paths := newFake(t), mail(t)
	f.limits = ""
	refused := 0
	f.methodError = func(method string) *proto.MethodError {
		if method == "Email/import" && refused < 2 {
			refused++
			return &proto.MethodError{Type: proto.MethodErrorRequestTooLarge}
		}
		return nil
	}
	_, err := try(t.Context(), t, f, filepath.Join(t.TempDir(), "j"), paths, nil)
	require.NoError(t, err)
	require.Equal(t, imported, f.stored())
}

func TestExistingMailIsFiled(t *testing.T) {
	f, paths := newFake(t), mail(t)
	f.unique = true
	_, err := try(t.Context(), t, f, filepath.Join(t.TempDir(), "j"), paths, nil)
	require.NoError(t, err)
	summary, err := try(t.Context(), t, f, filepath.Join(t.TempDir(), "j"), paths, func(o *Options) { o.Mailbox = "Copy" })
	require.NoError(t, err)
	require.Equal(t, 8, summary.Already)
	require.Contains(t, f.stored(), "[Copy Inbox][$seen] Subject: 1\nStatus: RO\n\none\n")
}

func TestDeletedAndInternal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mbox")
	separator := "From ann Sat Jan  3 01:05:34 1996\n"
	require.NoError(t, os.WriteFile(path, []byte(separator+"X-IMAP: 1\n\nnotes\n\n"+separator+"X-Status: D\n\n"+separator), 0o644))
	for _, deleted := range []bool{false, true} {
		f := newFake(t)
		summary, err := try(t.Context(), t, f, filepath.Join(t.TempDir(), "j"), []string{path, "/no/such/file"}, func(o *Options) { o.Deleted = deleted })
		require.NoError(t, err)
		want := map[string]int{"notes of a mail program, not a message": 1, "the message is empty": 1, "marked as deleted": 1}
		if deleted {
			delete(want, "marked as deleted")
		}
		require.Equal(t, want, summary.Skipped.Reasons)
		require.Equal(t, 3-len(want), summary.Imported)
		require.Equal(t, 1, summary.Failed.Count)
	}
}

func TestBusyServersAreWaitedFor(t *testing.T) {
	f, paths := newFake(t), mail(t)
	refused := map[string]int{}
	f.status = func(what string) int {
		if what == ".well-known" || refused[what] == 2 {
			return 0
		}
		refused[what]++
		return []int{http.StatusTooManyRequests, http.StatusServiceUnavailable}[refused[what]-1]
	}
	var notices []string
	_, err := try(t.Context(), t, f, filepath.Join(t.TempDir(), "j"), paths, func(o *Options) { o.Notice = func(s string) { notices = append(notices, s) } })
	require.NoError(t, err)
	require.Equal(t, imported, f.stored())
	require.Equal(t, 2, refused["Email/import"])
	require.Contains(t, strings.Join(notices, "\n"), "HTTP 503; trying again in")
}

func TestGivesUp(t *testing.T) {
	f, paths := newFake(t), mail(t)
	waits := 0
	f.before = func(what string) bool { return what != "upload" }
	_, err := try(t.Context(), t, f, filepath.Join(t.TempDir(), "j"), paths, func(o *Options) {
		o.Patience, o.Pause = 10*time.Millisecond, time.Minute
		o.Notice = func(string) { waits++ }
	})
	require.ErrorContains(t, err, "giving up for now")
	require.Zero(t, waits)
}

func TestJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	f, paths := newFake(t), mail(t)
	_, err := try(t.Context(), t, f, path, paths, nil)
	require.NoError(t, err)

	first := journal(t, path)
	_, err = OpenJournal(path, "test", false)
	require.ErrorIs(t, err, ErrJournalInUse)
	require.NoError(t, first.Close())
	_, err = OpenJournal(path, "other", false)
	require.ErrorContains(t, err, "another import: test")

	empty := newFake(t) // another store at the same address
	var notices []string
	summary, err := try(t.Context(), t, empty, path, paths, func(o *Options) { o.Notice = func(s string) { notices = append(notices, s) } })
	require.NoError(t, err)
	require.Equal(t, 8, summary.Imported)
	require.Equal(t, imported, empty.stored())
	require.Len(t, notices, 1)
	again, err := OpenJournal(path, "test", true)
	require.NoError(t, err)
	require.Empty(t, again.done)
	require.NoError(t, again.Close())

	require.NoError(t, os.WriteFile(path, []byte("{\"import\":\"test\"}\nnonsense\n"), 0o600))
	_, err = OpenJournal(path, "test", false)
	require.ErrorContains(t, err, "line 2")
}
