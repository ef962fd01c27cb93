package embedded

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap/mime/compose"
)

// header makes the message's header: first the fields that have properties of their own, then
// those given as header:… properties (RFC 8621 section 4.6).
func (c *composer) header() []compose.Field {
	c.used = map[string]bool{}
	e := c.email
	var fields []compose.Field
	add := func(name, property string, given bool, make func() (compose.Field, error)) {
		if !given {
			return
		}
		f, err := make()
		if err != nil {
			c.refuse(property, "%v", err)
			return
		}
		c.used[strings.ToLower(name)] = true
		fields = append(fields, f)
	}
	add("Date", "sentAt", e.SentAt != nil, func() (compose.Field, error) { return compose.Date("Date", e.SentAt.Time) })
	for _, p := range addressProperties {
		list := *p.of(e)
		add(p.field, p.property.Names()[0], list != nil, func() (compose.Field, error) {
			return compose.Addresses(p.field, composeAddresses(list))
		})
	}
	add("Subject", "subject", e.Subject != nil, func() (compose.Field, error) { return compose.Text("Subject", *e.Subject) })
	for _, p := range idProperties {
		list := *p.of(e)
		add(p.field, p.property.Names()[0], list != nil, func() (compose.Field, error) { return compose.MessageIDs(p.field, list) })
	}
	for _, name := range slices.Sorted(maps.Keys(e.HeaderFields)) {
		h, err := parseHeaderProperty(name)
		field := strings.ToLower(h.Name)
		switch {
		case err != nil:
			c.refuse(name, "%v", err)
		case strings.HasPrefix(field, "content-") || field == "mime-version":
			c.refuse(name, "the field %s belongs to a part", h.Name)
		case c.used[field]:
			c.refuse(name, "the field %s is given twice", h.Name)
		default:
			c.used[field] = true
			fields = append(fields, c.fieldsOf(h, e.HeaderFields, name, name)...)
		}
	}
	return fields
}

// fieldsOf makes the fields of a header:… property: one, or with :all as many as are given.
func (c *composer) fieldsOf(h jmap.HeaderProperty, values jmap.HeaderFields, name, property string) []compose.Field {
	items := []json.RawMessage{values[name]}
	if h.All {
		if err := json.Unmarshal(values[name], &items); err != nil {
			c.refuse(property, "%s is an array", name)
			return nil
		}
	}
	var fields []compose.Field
	for _, item := range items {
		if isNull(item) {
			continue
		}
		f, err := composeField(h, item)
		if err != nil {
			c.refuse(property, "%s: %v", name, err)
			continue
		}
		fields = append(fields, f)
	}
	return fields
}

// composeField writes one value in the form it is given in (RFC 8621 section 4.1.2).
func composeField(h jmap.HeaderProperty, value json.RawMessage) (compose.Field, error) {
	var s string
	var list []string
	var addresses []jmap.EmailAddress
	var groups []jmap.EmailAddressGroup
	var date jmap.Date
	var to any = &s
	switch h.Form {
	case jmap.HeaderAddresses:
		to = &addresses
	case jmap.HeaderGroupedAddresses:
		to = &groups
	case jmap.HeaderMessageIDs, jmap.HeaderURLs:
		to = &list
	case jmap.HeaderDate:
		to = &date
	}
	if err := json.Unmarshal(value, to); err != nil {
		return compose.Field{}, err
	}
	switch h.Form {
	case jmap.HeaderText:
		return compose.Text(h.Name, s)
	case jmap.HeaderAddresses:
		return compose.Addresses(h.Name, composeAddresses(addresses))
	case jmap.HeaderGroupedAddresses:
		return compose.GroupedAddresses(h.Name, composeGroups(groups))
	case jmap.HeaderMessageIDs:
		return compose.MessageIDs(h.Name, list)
	case jmap.HeaderURLs:
		return compose.URLs(h.Name, list)
	case jmap.HeaderDate:
		return compose.Date(h.Name, date.Time)
	}
	return compose.Raw(h.Name, s)
}

func composeAddresses(list []jmap.EmailAddress) []compose.Address {
	out := make([]compose.Address, len(list))
	for i, a := range list {
		out[i] = compose.Address{Name: text(a.Name), Email: a.Email}
	}
	return out
}

func composeGroups(list []jmap.EmailAddressGroup) []compose.Group {
	out := make([]compose.Group, len(list))
	for i, g := range list {
		out[i] = compose.Group{Name: text(g.Name), Named: g.Name != nil, Addresses: composeAddresses(g.Addresses)}
	}
	return out
}
