package embedded

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap/mime/compose"
)

// composeEmail writes the message of an Email to make and stores it as a blob.
func (b *batch) composeEmail(a *account, e *jmap.Email) (*newEmail, *jmap.SetError, error) {
	if e == nil {
		return nil, invalidProperties("an Email is an object"), nil
	}
	c := &composer{batch: b, a: a, email: e}
	m := c.message()
	switch {
	case c.failed != nil:
		return nil, nil, c.failed
	case len(c.bad) > 0:
		slices.Sort(c.bad)
		return nil, invalidProperties(c.why, slices.Compact(c.bad)...), nil
	case len(c.missing) > 0:
		refusal := setError(jmap.SetErrorBlobNotFound, "there are no such blobs")
		refusal.NotFound = c.missing
		return nil, refusal, nil
	case c.attached > b.store.limits.MaxSizeAttachmentsPerEmail:
		limit := uint64(b.store.limits.MaxSizeAttachmentsPerEmail)
		refusal := setError(jmap.SetErrorTooLarge, "the attachments are larger than maxSizeAttachmentsPerEmail")
		refusal.MaxSize = &limit
		return nil, refusal, nil
	}
	now := b.store.now()
	m.Date = now
	if _, domain, ok := strings.Cut(b.user.Name, "@"); ok && isDomain(domain) {
		m.Domain = domain
	}
	d, size, err := a.blobs.write(now, func(w io.Writer) error { return compose.Write(w, m) })
	if errors.Is(err, compose.ErrField) {
		return nil, invalidProperties(err.Error(), "bodyStructure"), nil
	}
	if err != nil {
		return nil, nil, err
	}
	var made *newEmail
	err = b.withMessage(a, d, size, func(octets []byte) error {
		made = describe(d, octets)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	made.row.received = now.Unix()
	if !e.ReceivedAt.IsZero() {
		made.row.received = e.ReceivedAt.Unix()
	}
	return made, nil, nil
}

// isDomain says whether a domain can stand in a Message-ID.
func isDomain(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == ""
}

// composer turns an Email object into a message, and gathers what is wrong with it.
type composer struct {
	*batch
	a        *account
	failed   error // that is no fault of the Email
	email    *jmap.Email
	bad      []string // properties
	why      string
	missing  []jmap.ID // blobs
	attached int64     // octets
	used     map[string]bool
}

func (c *composer) refuse(property, format string, args ...any) {
	c.bad = append(c.bad, property)
	if c.why == "" {
		c.why = fmt.Sprintf(format, args...)
	}
}

// forbidden are the properties that a client does not set.
const forbidden = jmap.EmailServerSet | jmap.EmailPropertyHeaders

func (c *composer) message() *compose.Message {
	e := c.email
	for _, name := range slices.Concat(e.Invalid, (e.Has & forbidden).Names(), slices.Sorted(maps.Keys(e.Extra))) {
		c.refuse(name, "not properties that can be set, or of the wrong type")
	}
	if e.Has&jmap.EmailPropertyMailboxIDs == 0 {
		c.refuse("mailboxIds", "an Email is in one Mailbox at least")
	}
	m := &compose.Message{Header: c.header()}
	if e.Has&jmap.EmailPropertyBodyStructure != 0 && e.BodyStructure != nil {
		if e.Has&(jmap.EmailPropertyTextBody|jmap.EmailPropertyHTMLBody|jmap.EmailPropertyAttachments) != 0 {
			c.refuse("bodyStructure", "bodyStructure stands alone")
		}
		m.Body = c.part(e.BodyStructure, "bodyStructure", true, 0)
	} else {
		m.Body = c.assemble()
	}
	for id, v := range e.BodyValues {
		if v.IsEncodingProblem || v.IsTruncated {
			c.refuse("bodyValues", "the value %s is marked as incomplete", id)
		}
	}
	return m
}

// assemble makes the parts from textBody, htmlBody and attachments.
func (c *composer) assemble() *compose.Part {
	e := c.email
	text := c.single(e.TextBody, e.Has&jmap.EmailPropertyTextBody != 0, "textBody", "text/plain")
	html := c.single(e.HTMLBody, e.Has&jmap.EmailPropertyHTMLBody != 0, "htmlBody", "text/html")
	var attachments []*compose.Part
	for _, p := range e.Attachments {
		part := c.part(p, "attachments", false, 0)
		if part.Disposition == "" {
			part.Disposition = "attachment"
		}
		attachments = append(attachments, part)
	}
	return compose.Assemble(text, html, attachments)
}

// single makes the one part of textBody or htmlBody, which has a fixed type.
func (c *composer) single(parts []*jmap.EmailBodyPart, given bool, property, mediaType string) *compose.Part {
	if !given || len(parts) == 0 && parts == nil {
		return nil
	}
	if len(parts) != 1 || parts[0] == nil {
		c.refuse(property, "%s has exactly one part", property)
		return nil
	}
	p := *parts[0]
	if p.Has&jmap.EmailBodyPartPropertyType == 0 {
		p.Type = mediaType
	}
	if !strings.EqualFold(p.Type, mediaType) {
		c.refuse(property, "%s is of type %s", property, mediaType)
	}
	return c.part(&p, property, false, 0)
}
