package server

import (
	"time"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// fetchOutput is the FETCH response under construction. Its small items are used again for each message: a FETCH of
// flags runs over whole mailboxes.
type fetchOutput struct {
	data      imap.FetchData
	flagsItem imap.MsgFlags
	uidItem   imap.MsgUID
	dateItem  imap.MsgInternalDate
	sizeItem  imap.MsgSize
}

func (o *fetchOutput) begin(seq uint32) {
	o.data.Seq = seq
	o.data.Items = o.data.Items[:0]
}

func (o *fetchOutput) add(item imap.MsgAtt) { o.data.Items = append(o.data.Items, item) }

func (o *fetchOutput) empty() bool { return len(o.data.Items) == 0 }

// response is valid until the next begin.
func (o *fetchOutput) response() imap.Response { return &o.data }

func (o *fetchOutput) flags(flags []string) imap.MsgAtt {
	o.flagsItem.Flags = flags
	return &o.flagsItem
}

func (o *fetchOutput) uid(uid uint32) imap.MsgAtt {
	o.uidItem.UID = uid
	return &o.uidItem
}

func (o *fetchOutput) date(at time.Time) imap.MsgAtt {
	o.dateItem.Date = at
	return &o.dateItem
}

func (o *fetchOutput) size(octets int64) imap.MsgAtt {
	o.sizeItem.Octets = octets
	return &o.sizeItem
}
