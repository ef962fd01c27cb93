package embedded

import (
	"fmt"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// allowedForms are the parsed forms of the header fields that RFC 5322 and RFC 2369 define;
// any other field may have every form (RFC 8621 section 4.1.2).
var allowedForms = map[string][]jmap.HeaderForm{
	"subject": {jmap.HeaderText}, "comments": {jmap.HeaderText}, "keywords": {jmap.HeaderText}, "list-id": {jmap.HeaderText},
	"from": addressForms, "sender": addressForms, "reply-to": addressForms, "to": addressForms, "cc": addressForms, "bcc": addressForms,
	"resent-from": addressForms, "resent-sender": addressForms, "resent-reply-to": addressForms,
	"resent-to": addressForms, "resent-cc": addressForms, "resent-bcc": addressForms,
	"message-id": idForms, "in-reply-to": idForms, "references": idForms, "resent-message-id": idForms,
	"date": dateForms, "resent-date": dateForms,
	"list-help": urlForms, "list-unsubscribe": urlForms, "list-subscribe": urlForms,
	"list-post": urlForms, "list-owner": urlForms, "list-archive": urlForms,
	"return-path": {}, "received": {},
}

var (
	addressForms = []jmap.HeaderForm{jmap.HeaderAddresses, jmap.HeaderGroupedAddresses}
	idForms      = []jmap.HeaderForm{jmap.HeaderMessageIDs}
	dateForms    = []jmap.HeaderForm{jmap.HeaderDate}
	urlForms     = []jmap.HeaderForm{jmap.HeaderURLs}
)

// parseHeaderProperty reads a header:… property and checks that the field may have the form.
func parseHeaderProperty(name string) (jmap.HeaderProperty, error) {
	p, err := jmap.ParseHeaderProperty(name)
	if err != nil {
		return p, err
	}
	forms, restricted := allowedForms[strings.ToLower(p.Name)]
	if !restricted || p.Form == jmap.HeaderRaw || p.Form == "Raw" {
		return p, nil
	}
	for _, form := range forms {
		if form == p.Form {
			return p, nil
		}
	}
	return p, fmt.Errorf("the field %s has no form %s", p.Name, p.Form)
}

// headerValue is the value of a header:… property for JSON; nil is null. It ends where there is no more room.
func headerValue(h mime.Header, p jmap.HeaderProperty, left *meter) any {
	if !p.All {
		f, ok := h.Last(p.Name)
		if !ok || !left.takeField(f.Raw) {
			return nil
		}
		return formOf(f.Raw, p.Form)
	}
	list := []any{}
	for f := range h.Fields() {
		if !mime.EqualFold(f.Name, p.Name) {
			continue
		}
		if !left.takeField(f.Raw) {
			break
		}
		list = append(list, formOf(f.Raw, p.Form))
	}
	return list
}

func formOf(raw []byte, form jmap.HeaderForm) any {
	switch form {
	case jmap.HeaderText:
		return mime.Text(raw)
	case jmap.HeaderAddresses:
		return addresses(mime.ParseMailboxes(raw))
	case jmap.HeaderGroupedAddresses:
		return groups(mime.ParseGroups(raw))
	case jmap.HeaderMessageIDs:
		return mime.ParseMessageIDs(raw)
	case jmap.HeaderURLs:
		return mime.ParseURLs(raw)
	case jmap.HeaderDate:
		if t, err := mime.ParseDate(raw); err == nil {
			return jmap.NewDate(t)
		}
		return nil
	}
	return mime.Raw(raw)
}

func addresses(list []mime.Address) []jmap.EmailAddress {
	out := make([]jmap.EmailAddress, len(list))
	for i, a := range list {
		out[i] = jmap.EmailAddress{Email: valid(a.Email())}
		if name := a.DisplayName(); name != "" {
			out[i].Name = &name
		}
	}
	return out
}

func groups(list []mime.Group) []jmap.EmailAddressGroup {
	out := make([]jmap.EmailAddressGroup, len(list))
	for i, g := range list {
		out[i] = jmap.EmailAddressGroup{Addresses: addresses(g.Addresses)}
		if g.Named {
			name := g.Name
			out[i].Name = &name
		}
	}
	return out
}

func valid(s string) string { return strings.ToValidUTF8(s, "\ufffd") }

// setHeaderProperties fills in the properties of an Email that stand for header fields
// (RFC 8621 section 4.1.3).
func setHeaderProperties(e *jmap.Email, h mime.Header, properties jmap.EmailProperties) {
	raw := func(p jmap.EmailProperties, name string) ([]byte, bool) {
		if properties&p == 0 {
			return nil, false
		}
		f, ok := h.Last(name)
		return f.Raw, ok
	}
	for _, p := range addressProperties {
		if v, ok := raw(p.property, p.field); ok {
			*p.of(e) = addresses(mime.ParseMailboxes(v))
		}
	}
	for _, p := range idProperties {
		if v, ok := raw(p.property, p.field); ok {
			*p.of(e) = mime.ParseMessageIDs(v)
		}
	}
	if v, ok := raw(jmap.EmailPropertySubject, "Subject"); ok {
		subject := mime.Text(v)
		e.Subject = &subject
	}
	if v, ok := raw(jmap.EmailPropertySentAt, "Date"); ok {
		if t, err := mime.ParseDate(v); err == nil {
			date := jmap.NewDate(t)
			e.SentAt = &date
		}
	}
}

var addressProperties = []struct {
	property jmap.EmailProperties
	field    string
	of       func(*jmap.Email) *[]jmap.EmailAddress
}{
	{jmap.EmailPropertySender, "Sender", func(e *jmap.Email) *[]jmap.EmailAddress { return &e.Sender }},
	{jmap.EmailPropertyFrom, "From", func(e *jmap.Email) *[]jmap.EmailAddress { return &e.From }},
	{jmap.EmailPropertyTo, "To", func(e *jmap.Email) *[]jmap.EmailAddress { return &e.To }},
	{jmap.EmailPropertyCc, "Cc", func(e *jmap.Email) *[]jmap.EmailAddress { return &e.Cc }},
	{jmap.EmailPropertyBcc, "Bcc", func(e *jmap.Email) *[]jmap.EmailAddress { return &e.Bcc }},
	{jmap.EmailPropertyReplyTo, "Reply-To", func(e *jmap.Email) *[]jmap.EmailAddress { return &e.ReplyTo }},
}

var idProperties = []struct {
	property jmap.EmailProperties
	field    string
	of       func(*jmap.Email) *[]string
}{
	{jmap.EmailPropertyMessageID, "Message-ID", func(e *jmap.Email) *[]string { return &e.MessageID }},
	{jmap.EmailPropertyInReplyTo, "In-Reply-To", func(e *jmap.Email) *[]string { return &e.InReplyTo }},
	{jmap.EmailPropertyReferences, "References", func(e *jmap.Email) *[]string { return &e.References }},
}

// headerList is the headers property: all fields in Raw form, in order, while there is room.
func headerList(h mime.Header, left *meter) []jmap.EmailHeader {
	list := []jmap.EmailHeader{}
	for f := range h.Fields() {
		if !left.takeField(f.Raw) {
			break
		}
		list = append(list, jmap.EmailHeader{Name: f.Name, Value: mime.Raw(f.Raw)})
	}
	return list
}
