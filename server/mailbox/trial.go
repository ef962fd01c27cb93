package mailbox

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

const (
	// trialMemory is how long an APPEND is remembered whose outcome is not known: clients that repeat one do so soon.
	trialMemory = 15 * time.Minute
	// maxTrials is how many of them are remembered for an account.
	maxTrials = 100
	// maxCompared is how many messages are read to find the one that an APPEND made.
	maxCompared = 4
)

// trial is the attempt to put one message into a mailbox. JMAP has no way to ask whether an import took effect, and to import once more
// could make a second message. So what an attempt can have made is looked for: an Email that came to the mailbox since, with the date that
// the attempt gave it and the octets that it sent, and that no other APPEND is known to have made.
type trial struct {
	box      *box
	blob     jmap.ID // as uploaded; some servers give the Email another one
	digest   [sha256.Size]byte
	received int64
	since    uint32              // the first UID that what it made can have
	taken    map[string]struct{} // Emails that others made meanwhile
	made     string              // what it made, where that is known
	until    time.Time           // when it is forgotten; zero while the command runs
}

// trials are the attempts that are under way and those whose outcome is not known. Two APPENDs of the same octets on purpose stay two: what is
// known to have been stored is not remembered here.
type trials struct {
	mu   sync.Mutex
	list []*trial
}

// begin notes an attempt.
func (t *trials) begin(dest *box, item ImportItem) *trial {
	own := &trial{
		box: dest, blob: item.BlobID, digest: item.Digest, received: item.ReceivedAt.Unix(), since: dest.state.Load().uidNext,
		taken: map[string]struct{}{},
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.list = append(t.list, own)
	return own
}

// end forgets an attempt, or keeps it because its outcome is not known to the client. made is the Email that came of it, or empty.
func (t *trials) end(own *trial, made string, keep bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	own.made = made
	if keep && own.digest != [sha256.Size]byte{} {
		own.until = now.Add(trialMemory)
	} else {
		t.list = slices.DeleteFunc(t.list, func(x *trial) bool { return x == own })
	}
	kept := 0
	for i := len(t.list) - 1; i >= 0; i-- { // the newest are kept
		old := t.list[i]
		if old.until.IsZero() {
			continue
		}
		if kept++; kept > maxTrials || now.After(old.until) {
			t.list = slices.Delete(t.list, i, i+1)
		}
	}
}

// earlier returns the attempts of unknown outcome at the same message, oldest first.
func (t *trials) earlier(dest *box, item ImportItem) []*trial {
	t.mu.Lock()
	defer t.mu.Unlock()
	var found []*trial
	for _, old := range t.list {
		if old.box == dest && !old.until.IsZero() && old.digest == item.Digest && time.Now().Before(old.until) {
			found = append(found, old)
		}
	}
	return found
}

// claim notes that an Email is what one attempt made: it is not what another one did.
func (t *trials) claim(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, other := range t.list {
		other.taken[id] = struct{}{}
	}
}

func (t *trials) claimed(own *trial, id string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, is := own.taken[id]
	return is
}

// find returns the Email that an attempt made, or "". The replica should be in step.
func (a *Account) find(ctx context.Context, own *trial) (string, error) {
	if own.made != "" && a.replica.holds(own.box, own.made) {
		return own.made, nil
	}
	if own.made != "" {
		return "", nil
	}
	var other []*email
	state := own.box.state.Load()
	c, i := state.table.place(own.since)
	for ; c < len(state.table.chunks); c, i = c+1, 0 {
		for _, r := range state.table.chunks[c].rows[i:] {
			switch {
			case r.email.received != own.received || a.replica.trials.claimed(own, r.email.id()):
			case r.email.blob() == string(own.blob):
				return r.email.id(), nil
			case len(other) < maxCompared:
				other = append(other, r.email)
			}
		}
	}
	for _, e := range other {
		same, err := a.holds(ctx, jmap.ID(e.blob()), own.digest)
		if err != nil {
			return "", err
		}
		if same {
			return e.id(), nil
		}
	}
	return "", nil
}

// downloader is a Session that gives octets. *jmapclient.Session is one.
type downloader interface {
	Download(ctx context.Context, account, blob jmap.ID, contentType, name string) (io.ReadCloser, int64, error)
}

// holds reports whether a blob has the octets of a digest.
func (a *Account) holds(ctx context.Context, blob jmap.ID, digest [sha256.Size]byte) (bool, error) {
	from, ok := a.session.(downloader)
	if !ok {
		return false, nil
	}
	body, _, err := from.Download(ctx, a.ID(), blob, "message/rfc822", "message.eml")
	if err != nil {
		return false, mapError(err)
	}
	defer body.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, body); err != nil {
		return false, mapError(err)
	}
	return [sha256.Size]byte(sum.Sum(nil)) == digest, nil
}

// undecided reports whether an APPEND that failed so may have stored its message.
func undecided(err error) bool {
	return errors.Is(err, errUnsure) || errors.Is(err, ErrUnknownOutcome) || errors.Is(err, context.Canceled)
}
