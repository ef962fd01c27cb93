package mailbox

import "github.com/dragoman-mail/dragoman/generated/jmap"

// rightsOf lists the rights in the order of their bits in the store.
func rightsOf(r *jmap.MailboxRights) []*bool {
	return []*bool{
		&r.MayReadItems, &r.MayAddItems, &r.MayRemoveItems, &r.MaySetSeen, &r.MaySetKeywords, &r.MayCreateChild,
		&r.MayRename, &r.MayDelete, &r.MaySubmit,
	}
}

func packRights(r jmap.MailboxRights) uint16 {
	var bits uint16
	for i, right := range rightsOf(&r) {
		if *right {
			bits |= 1 << i
		}
	}
	return bits
}

func unpackRights(bits uint16) jmap.MailboxRights {
	var r jmap.MailboxRights
	for i, right := range rightsOf(&r) {
		*right = bits&(1<<i) != 0
	}
	return r
}
