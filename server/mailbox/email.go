package mailbox

import (
	"slices"
	"time"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/server/store"
)

// email is an Email that is in a mailbox which is loaded or being loaded. It never changes, its UIDs aside; a change makes another one.
// There are many: it takes 64 octets, and the ids.
type email struct {
	ids      string // id, blobId and threadId in one
	idLen    uint16
	blobLen  uint16
	uid      uint32 // in box
	size     int64
	received int64 // Unix seconds
	keywords *keywordSet
	box      *box // the first mailbox that it is in
	others   *[]place
}

// place is an Email's being in a mailbox. The UID is 0 where the mailbox is not loaded.
type place struct {
	box *box
	uid uint32
}

// places yields all the mailboxes that the Email is in.
func (e *email) places(yield func(place) bool) {
	if !yield(place{e.box, e.uid}) {
		return
	}
	for _, p := range e.rest() {
		if !yield(p) {
			return
		}
	}
}

// number gives the Email its UID in a mailbox that it is in.
func (e *email) number(b *box, uid uint32) {
	if e.box == b {
		e.uid = uid
		return
	}
	rest := e.rest()
	for i := range rest {
		if rest[i].box == b {
			rest[i].uid = uid
		}
	}
}

func (e *email) id() string     { return e.ids[:e.idLen] }
func (e *email) blob() string   { return e.ids[e.idLen : e.idLen+e.blobLen] }
func (e *email) thread() string { return e.ids[e.idLen+e.blobLen:] }

// in returns the UID that the Email has in a mailbox, and whether it is in it at all.
func (e *email) in(b *box) (uint32, bool) {
	if e.box == b {
		return e.uid, true
	}
	for _, p := range e.rest() {
		if p.box == b {
			return p.uid, true
		}
	}
	return 0, false
}

// elsewhere reports whether the Email is in another mailbox than b.
func (e *email) elsewhere(b *box) bool { return e.box != b || e.others != nil }

// tracked reports whether the Email is in a mailbox whose Emails the replica follows.
func (e *email) tracked() bool {
	for p := range e.places {
		if p.box.tracked() {
			return true
		}
	}
	return false
}

// equal reports whether nothing the replica knows differs, UIDs aside.
func (e *email) equal(o *email) bool {
	return e.ids == o.ids && e.idLen == o.idLen && e.blobLen == o.blobLen && e.size == o.size && e.received == o.received &&
		e.keywords == o.keywords && e.box == o.box && slices.EqualFunc(e.rest(), o.rest(), func(p, q place) bool { return p.box == q.box })
}

// rest returns all places but the first.
func (e *email) rest() []place {
	if e.others == nil {
		return nil
	}
	return *e.others
}

func (e *email) record() store.Email {
	rec := store.Email{
		ID: e.id(), BlobID: e.blob(), ThreadID: e.thread(), Size: e.size, ReceivedAt: e.received, Keywords: e.keywords.raw,
	}
	for p := range e.places {
		rec.Mailboxes = append(rec.Mailboxes, string(p.box.id))
	}
	return rec
}

// emailOf makes an email without UIDs; boxes finds or makes the mailbox of an id. There must be one at least.
func emailOf(rec store.Email, words *keywords, boxes func(id string) *box) *email {
	e := &email{
		ids: rec.ID + rec.BlobID + rec.ThreadID, idLen: uint16(len(rec.ID)), blobLen: uint16(len(rec.BlobID)),
		size: rec.Size, received: rec.ReceivedAt, keywords: words.intern(rec.Keywords), box: boxes(rec.Mailboxes[0]),
	}
	if len(rec.Mailboxes) > 1 {
		others := make([]place, len(rec.Mailboxes)-1)
		for i, id := range rec.Mailboxes[1:] {
			others[i].box = boxes(id)
		}
		e.others = &others
	}
	return e
}

// emailProperties are what the replica asks of every Email: what all servers have at hand.
var emailProperties = (jmap.EmailPropertyID | jmap.EmailPropertyBlobID | jmap.EmailPropertyThreadID | jmap.EmailPropertyMailboxIDs |
	jmap.EmailPropertyKeywords | jmap.EmailPropertySize | jmap.EmailPropertyReceivedAt).Names()

const neededProperties = jmap.EmailPropertyID | jmap.EmailPropertyBlobID | jmap.EmailPropertyMailboxIDs

// changingProperties are those of them that can change (RFC 8621 section 4.1.1).
var changingProperties = (jmap.EmailPropertyID | jmap.EmailPropertyMailboxIDs | jmap.EmailPropertyKeywords).Names()

// recordOf takes over what a server says of an Email; false when it does not say what it must.
func recordOf(e *jmap.Email) (store.Email, bool) {
	const longest = 255 // RFC 8620 section 1.2
	if e.Has&neededProperties != neededProperties || e.ID == "" || len(e.ID) > longest || len(e.BlobID) > longest {
		return store.Email{}, false
	}
	rec := store.Email{ID: string(e.ID), BlobID: string(e.BlobID), ThreadID: string(e.ThreadID), Size: int64(e.Size)}
	if !e.ReceivedAt.IsZero() {
		rec.ReceivedAt = e.ReceivedAt.Unix()
	}
	return updated(rec, e)
}

// updated takes over what can change about an Email.
func updated(rec store.Email, e *jmap.Email) (store.Email, bool) {
	rec.Mailboxes, rec.Keywords = nil, nil
	for id, in := range e.MailboxIDs {
		if in {
			rec.Mailboxes = append(rec.Mailboxes, string(id))
		}
	}
	for keyword, on := range e.Keywords {
		if on {
			rec.Keywords = append(rec.Keywords, keyword)
		}
	}
	slices.Sort(rec.Mailboxes)
	return rec, len(rec.Mailboxes) > 0
}

// message makes what the package shows of a row.
func (r *row) message() Message {
	e := r.email
	return Message{
		UID: r.uid, ModSeq: r.modseq, EmailID: jmap.ID(e.id()), BlobID: jmap.ID(e.blob()), ThreadID: jmap.ID(e.thread()),
		Size: e.size, ReceivedAt: time.Unix(e.received, 0).UTC(), Deleted: r.isDeleted(), keywords: e.keywords,
	}
}

// byArrival orders Emails as UIDs are given out.
func byArrival(a, b *email) int {
	switch {
	case a.received < b.received:
		return -1
	case a.received > b.received:
		return 1
	case a.id() < b.id():
		return -1
	case a.id() > b.id():
		return 1
	}
	return 0
}
