package mailbox

import (
	"slices"
	"time"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/server/store"
)

// pulse is what the replica knows about being in step, guarded by replica.mu. Everything that puts it in doubt counts
// one up; a sync that began later settles it.
type pulse struct {
	live    *Account  // whose push stream is up and has shown life; nil for none
	doubts  uint64    // counts what may have changed the server's state: hints, connects, failures
	opened  uint64    // doubts when the stream came up, or when a request failed: hints do not speak for what came before
	settled uint64    // doubts when the last successful sync began
	asked   time.Time // when that was: however live a stream is, hints get lost on some servers
	// The newest states that hints named; empty when none did. A hint of a state that the replica is in is no news.
	emailHint, mailboxHint string
	// The states that the replica has left. A hint that comes late, and names one of them, is no news either.
	emailPast, mailboxPast past
}

// past is the last states of one type.
type past struct {
	states [32]string
	next   int
}

func (p *past) add(state string) {
	p.states[p.next] = state
	p.next = (p.next + 1) % len(p.states)
}

// leave notes the states that a commit leads away from.
func (p *pulse) leave(was, now store.Head) {
	if was.EmailState != now.EmailState {
		p.emailPast.add(was.EmailState)
	}
	if was.MailboxState != now.MailboxState {
		p.mailboxPast.add(was.MailboxState)
	}
}

// old tells whether a hint names a state that the replica is in, or was in before.
func (p *past) old(hint, current string) bool {
	return hint == "" || hint == current || slices.Contains(p.states[:], hint)
}

const unknownState = "\x00"

// heard returns how far the doubts go now, for settle.
func (r *replica) heard() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pulse.doubts
}

// settle notes that the replica is in step with the server as it was at some time after heard and began.
func (r *replica) settle(heard uint64, began time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pulse.settled = max(r.pulse.settled, heard)
	if began.After(r.pulse.asked) {
		r.pulse.asked = began
	}
}

// doubt notes that the replica may be out of step, and that no hint will tell by what.
func (r *replica) doubt() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pulse.doubts++
	r.pulse.opened = r.pulse.doubts
}

// inStep reports whether a push stream vouches for the replica. None does so for longer than SafePoll without a sync.
func (r *replica) inStep() bool {
	r.write.Lock()
	email, mailbox := r.head.EmailState, r.head.MailboxState
	r.write.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	p := &r.pulse
	if p.live == nil || p.settled < p.opened || time.Since(p.asked) >= r.follow.safePoll {
		return false
	}
	known := p.emailPast.old(p.emailHint, email) && p.mailboxPast.old(p.mailboxHint, mailbox)
	return p.settled == p.doubts || known
}

// streamOpened notes that a push stream is up and shows life.
func (r *replica) streamOpened(a *Account) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pulse.live = a
	r.pulse.doubts++
	r.pulse.opened = r.pulse.doubts
	r.pulse.emailHint, r.pulse.mailboxHint = "", ""
}

func (r *replica) streamLost(a *Account) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pulse.live == a {
		r.pulse.live = nil
	}
}

func (r *replica) isLive() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pulse.live != nil
}

// hint takes an event of the stream, and reports whether it is about this account.
func (r *replica) hint(e jmapclient.Event) bool {
	email, mailbox := unknownState, unknownState
	if len(e.Changed) > 0 {
		states := e.Changed[jmap.ID(r.id)]
		email, mailbox = states["Email"], states["Mailbox"]
		if email == "" && mailbox == "" {
			return false
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pulse.doubts++
	if email != "" {
		r.pulse.emailHint = email
	}
	if mailbox != "" {
		r.pulse.mailboxHint = mailbox
	}
	return true
}
