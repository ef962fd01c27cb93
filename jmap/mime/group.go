package mime

// Group is a named group of addresses, or a run of addresses outside any group
// (RFC 8621 section 4.1.2.4).
type Group struct {
	// Name is the decoded name.
	Name string
	// Named is false for addresses that are in no group.
	Named bool
	// Addresses are all of kind Mailbox.
	Addresses []Address
}

// ParseGroups reads an address-list and keeps its groups.
func ParseGroups(raw []byte) []Group {
	var groups []Group
	open := false
	for _, a := range ParseAddresses(raw) {
		switch a.Kind {
		case GroupStart:
			groups = append(groups, Group{Name: a.Display, Named: true})
			open = true
		case GroupEnd:
			open = false
		default:
			last := len(groups) - 1
			if !open && (last < 0 || groups[last].Named) {
				groups = append(groups, Group{})
				last++
			}
			groups[last].Addresses = append(groups[last].Addresses, a)
		}
	}
	return groups
}

// ParseMailboxes reads an address-list and drops the group marks (RFC 8621 section
// 4.1.2.3).
func ParseMailboxes(raw []byte) []Address {
	var mailboxes []Address
	for _, a := range ParseAddresses(raw) {
		if a.Kind == Mailbox {
			mailboxes = append(mailboxes, a)
		}
	}
	return mailboxes
}
