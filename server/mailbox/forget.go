package mailbox

import "github.com/dragoman-mail/dragoman/server/store"

// forget removes Emails that are in no followed mailbox any more, after one was deleted, from memory and from the store, in commits of bounded
// size. What is left when it fails, or when the process dies, goes the next time, or when the account is read.
func (r *replica) forget() {
	for {
		more, err := r.forgetSome()
		if err != nil {
			r.log.Warn("forgetting the messages of a deleted mailbox", "account", r.id, "error", err)
		}
		if err != nil || !more {
			return
		}
	}
}

func (r *replica) forgetSome() (more bool, err error) {
	r.write.Lock()
	defer r.write.Unlock()
	c := r.begin()
	for id, e := range r.emails {
		if e.tracked() {
			continue
		}
		if more = len(c.emails) == r.numberPart; more {
			break
		}
		c.emails[id] = nil
	}
	if len(c.emails) == 0 {
		return false, nil
	}
	return more, c.commit()
}

// follows reports whether any mailbox of an Email in the store is followed.
func (r *replica) follows(rec *store.Email) bool {
	for _, id := range rec.Mailboxes {
		if m := r.records[id]; m.Loaded || m.Loading {
			return true
		}
	}
	return false
}
