package message

import "github.com/dragoman-mail/dragoman/jmap/mime"

// NewSortKeys reads the keys from a header.
func NewSortKeys(h mime.Header) SortKeys {
	var k SortKeys
	if f, ok := h.First("Date"); ok {
		if sent, err := mime.ParseDate(f.Raw); err == nil {
			k.Sent = sent
		}
	}
	if f, ok := h.First("Subject"); ok {
		k.BaseSubject, k.Reply = mime.BaseSubject(mime.Text(f.Raw))
	}
	k.From, k.DisplayFrom = firstAddress(h, "From")
	k.To, k.DisplayTo = firstAddress(h, "To")
	k.Cc, _ = firstAddress(h, "Cc")
	if ids := messageIDs(h, "Message-ID"); len(ids) > 0 {
		k.MessageID = ids[0]
	}
	k.References = messageIDs(h, "References")
	if len(k.References) == 0 {
		if ids := messageIDs(h, "In-Reply-To"); len(ids) > 0 {
			k.References = ids[:1]
		}
	}
	return k
}

// firstAddress gives the sort keys of an address field: the local part as it
// stands in ENVELOPE's mailbox, and the name to show. For a group both are its name.
func firstAddress(h mime.Header, name string) (local, display string) {
	f, ok := h.First(name)
	if !ok {
		return "", ""
	}
	list := mime.ParseAddresses(f.Raw)
	if len(list) == 0 {
		return "", ""
	}
	a := list[0]
	if a.Kind == mime.GroupStart {
		return a.Display, a.Display
	}
	if display = a.DisplayName(); display == "" {
		display = a.Email()
	}
	return a.Local, display
}

func messageIDs(h mime.Header, name string) []string {
	f, ok := h.First(name)
	if !ok {
		return nil
	}
	return mime.ParseMessageIDs(f.Raw)
}
