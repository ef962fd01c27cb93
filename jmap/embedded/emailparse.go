package embedded

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// parseDefaults are the properties that Email/parse gives when not told.
const parseDefaults = headerProperties | jmap.EmailPropertyHasAttachment | jmap.EmailPropertyBodyValues |
	jmap.EmailPropertyTextBody | jmap.EmailPropertyHTMLBody | jmap.EmailPropertyAttachments

// absent are the properties that a message outside the store does not have; they are null.
const absent = jmap.EmailPropertyID | jmap.EmailPropertyMailboxIDs | jmap.EmailPropertyKeywords |
	jmap.EmailPropertyReceivedAt | jmap.EmailPropertyThreadID

// emailParse shows blobs as Emails (RFC 8621 section 4.9).
func emailParse(b *batch, q *jmap.EmailParse) (jmap.Method, error) {
	a, err := b.account(q.AccountID)
	if err != nil {
		return nil, err
	}
	if err := b.checkGet(len(q.BlobIDs)); err != nil {
		return nil, err
	}
	body := newBodyView(q.FetchTextBodyValues, q.FetchHTMLBodyValues, q.FetchAllBodyValues, q.MaxBodyValueBytes)
	view, err := newEmailView(q.Properties, parseDefaults, body, q.BodyProperties)
	if err != nil {
		return nil, err
	}
	response := &parsedEmails{EmailParseResponse: jmap.EmailParseResponse{AccountID: q.AccountID}, emails: map[string]json.RawMessage{}}
	left := &meter{b.room()}
	for _, id := range unique(q.BlobIDs) {
		err := b.withContent(a, id, func(octets []byte) error {
			if !isMessage(octets) {
				response.NotParsable = append(response.NotParsable, id)
				return nil
			}
			text, err := view.parse(id, octets, left)
			response.emails[string(id)] = text
			return err
		})
		switch {
		case errors.Is(err, errNoBlob):
			response.NotFound = append(response.NotFound, id)
		case err != nil:
			return nil, err
		}
	}
	return response, nil
}

// unique takes each id once.
func unique(list []jmap.ID) []jmap.ID {
	seen := make(map[jmap.ID]bool, len(list))
	return slices.DeleteFunc(slices.Clone(list), func(id jmap.ID) bool {
		again := seen[id]
		seen[id] = true
		return again
	})
}

// parse makes an Email of a message, in JSON.
func (v *emailView) parse(id jmap.ID, octets []byte, left *meter) ([]byte, error) {
	m := mime.Parse(octets)
	e := &jmap.Email{Has: v.properties}
	if v.properties&headerProperties != 0 {
		e = newHeaderRow(m).Email.Select(v.properties)
	}
	full := &jmap.Email{BlobID: id, Size: uint64(len(octets)), HasAttachment: m.Views().HasAttachment()}
	full = full.Select(v.properties)
	e.BlobID, e.Size, e.HasAttachment = full.BlobID, full.Size, full.HasAttachment
	for _, name := range (v.properties & absent).Names() {
		put(&e.Extra, name, json.RawMessage("null"))
	}
	e.Has &^= absent
	name, _ := parseBlobID(id)
	return v.encode(e, m, name, left)
}
