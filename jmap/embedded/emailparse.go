package embedded

import (
	"encoding/json"
	"errors"

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
	response := &jmap.EmailParseResponse{AccountID: q.AccountID}
	size := 0
	for _, id := range q.BlobIDs {
		octets, err := a.readBlob(id)
		switch {
		case errors.Is(err, errNoBlob):
			response.NotFound = append(response.NotFound, id)
			continue
		case err != nil:
			return nil, err
		case !isMessage(octets):
			response.NotParsable = append(response.NotParsable, id)
			continue
		}
		e, n := view.parse(id, octets)
		if size += n; size > b.store.limits.MaxSizeResponse {
			return nil, methodError(jmap.MethodErrorRequestTooLarge, "the response would be too large")
		}
		put(&response.Parsed, id, e)
	}
	return response, nil
}

// parse makes an Email of a message. It returns about how many octets, too.
func (v *emailView) parse(id jmap.ID, octets []byte) (*jmap.Email, int) {
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
	return e, len(e.Preview) + v.fromMessage(e, m, name)
}
