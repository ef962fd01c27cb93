package mailbox

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// arrivals collects the UIDs that a mailbox gives out while a command runs: other sessions may remove a message before the
// command comes to look for it.
type arrivals struct {
	account *Account
	box     *box
	uids    map[string]uint32 // by Email id
}

// await begins to collect; end must be called.
func (a *Account) await(b *box) *arrivals {
	own := &arrivals{account: a, box: b, uids: map[string]uint32{}}
	r := a.replica
	r.write.Lock()
	defer r.write.Unlock()
	r.awaited[own] = struct{}{}
	return own
}

func (own *arrivals) end() {
	r := own.account.replica
	r.write.Lock()
	defer r.write.Unlock()
	delete(r.awaited, own)
}

// lookup returns the UIDs that Emails have in the mailbox or were given in it, 0 where there is none.
func (own *arrivals) lookup(ids []string) []uint32 {
	r := own.account.replica
	r.write.Lock()
	defer r.write.Unlock()
	uids := make([]uint32, len(ids))
	for i, id := range ids {
		if e := r.emails[id]; e != nil {
			uids[i], _ = e.in(own.box)
		}
		if uids[i] == 0 {
			uids[i] = own.uids[id]
		}
	}
	return uids
}

// find is lookup after a write that put the Emails there. It asks the server for those that the replica does not know: the changes that
// some servers tell lag behind.
func (own *arrivals) find(ctx context.Context, ids []string) ([]uint32, error) {
	uids := own.lookup(ids)
	var missing []jmap.ID
	for i, uid := range uids {
		if uid == 0 {
			missing = append(missing, jmap.ID(ids[i]))
		}
	}
	if len(missing) == 0 {
		return uids, nil
	}
	r := own.account.replica
	fresh := r.watch()
	defer r.unwatch(fresh)
	found, err := own.account.link().complete(ctx, missing, nil)
	if err != nil {
		return nil, err
	}
	if _, err := r.apply(&batch{emails: found, fresh: fresh, order: ids}); err != nil {
		return nil, err
	}
	return own.lookup(ids), nil
}
