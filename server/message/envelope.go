package message

import (
	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// Envelope makes the ENVELOPE of a message from its header (RFC 9051 section 7.5.2).
// A missing Date, Subject, In-Reply-To or Message-ID is NIL, an empty one is the empty
// string; Sender and Reply-To default to From. Strings keep the header's own
// encoding; utf8 says whether the client takes raw UTF-8.
func Envelope(h mime.Header, utf8 bool) *imap.Envelope {
	return showEnvelope(rawEnvelope(h), utf8)
}

// rawEnvelope has 8-bit octets as in the header.
func rawEnvelope(h mime.Header) *imap.Envelope {
	e := &imap.Envelope{}
	texts := map[string]*imap.NString{
		"date": &e.Date, "subject": &e.Subject, "in-reply-to": &e.InReplyTo, "message-id": &e.MessageID,
	}
	lists := map[string]*[]imap.Address{
		"from": &e.From, "sender": &e.Sender, "reply-to": &e.ReplyTo, "to": &e.To, "cc": &e.Cc, "bcc": &e.Bcc,
	}
	for f := range h.Fields() {
		name := lowerASCII(f.Name)
		if text := texts[name]; text != nil && !text.Valid {
			*text = imap.String(clean(string(f.Raw[:min(len(f.Raw), mime.MaxValue)])))
		}
		if list := lists[name]; list != nil && len(*list) < mime.MaxAddresses {
			*list = append(*list, addresses(f.Raw)...)
		}
	}
	if e.Sender == nil {
		e.Sender = e.From
	}
	if e.ReplyTo == nil {
		e.ReplyTo = e.From
	}
	return e
}

// addresses turns an address list into IMAP's form, in which an address without a
// host marks a group: so a missing host is the empty string there, never NIL.
func addresses(raw []byte) []imap.Address {
	var list []imap.Address
	for _, a := range mime.ParseAddresses(raw) {
		switch a.Kind {
		case mime.GroupStart:
			list = append(list, imap.Address{Mailbox: imap.String(unfold(a.Name))})
		case mime.GroupEnd:
			list = append(list, imap.Address{})
		default:
			list = append(list, imap.Address{
				Name:    displayName(a),
				ADL:     nonEmpty(a.Route),
				Mailbox: imap.String(clean(a.Local)),
				Host:    imap.String(clean(a.Domain)),
			})
		}
	}
	return list
}

// displayName keeps the white space that stands in quotes, as it is part of the name (RFC 5322 section 3.2.4).
func displayName(a mime.Address) imap.NString {
	if clean(a.Name) == "" {
		return nonEmpty(a.Comment)
	}
	return imap.String(unfold(a.Name))
}

func showEnvelope(e *imap.Envelope, utf8 bool) *imap.Envelope {
	return &imap.Envelope{
		Date:      showN(e.Date, utf8),
		Subject:   showN(e.Subject, utf8),
		From:      showAddresses(e.From, utf8),
		Sender:    showAddresses(e.Sender, utf8),
		ReplyTo:   showAddresses(e.ReplyTo, utf8),
		To:        showAddresses(e.To, utf8),
		Cc:        showAddresses(e.Cc, utf8),
		Bcc:       showAddresses(e.Bcc, utf8),
		InReplyTo: showN(e.InReplyTo, utf8),
		MessageID: showN(e.MessageID, utf8),
	}
}

func showAddresses(list []imap.Address, utf8 bool) []imap.Address {
	if list == nil {
		return nil
	}
	shown := make([]imap.Address, len(list))
	for i, a := range list {
		shown[i] = imap.Address{
			Name:    showN(a.Name, utf8),
			ADL:     showN(a.ADL, utf8),
			Mailbox: showN(a.Mailbox, utf8),
			Host:    showN(a.Host, utf8),
		}
	}
	return shown
}

// itemSize is about what an element of a list takes beside its text.
const itemSize = 32

// envelopeSize is about how many octets an envelope takes.
func envelopeSize(e *imap.Envelope) int {
	size := len(e.Date.Value) + len(e.Subject.Value) + len(e.InReplyTo.Value) + len(e.MessageID.Value)
	for _, list := range [][]imap.Address{e.From, e.Sender, e.ReplyTo, e.To, e.Cc, e.Bcc} {
		for _, a := range list {
			size += 4*itemSize + len(a.Name.Value) + len(a.ADL.Value) + len(a.Mailbox.Value) + len(a.Host.Value)
		}
	}
	return size
}
