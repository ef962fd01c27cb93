package embedded

import (
	"bytes"
	"time"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// newEmail is an Email about to be made: what its message says, read before the transaction.
type newEmail struct {
	row     *emailRow
	headers *headerRow
	// latest is the time of the most recent Received field, or zero.
	latest time.Time
}

// describe reads the message of a blob.
func describe(d digest, octets []byte) *newEmail {
	m := mime.Parse(octets)
	e := &newEmail{
		row:     &emailRow{blob: d, size: uint64(len(octets)), attachment: m.Views().HasAttachment()},
		headers: newHeaderRow(m),
	}
	for _, f := range m.Header().All("Received") {
		i := bytes.LastIndexByte(f.Raw, ';')
		if t, err := mime.ParseDate(f.Raw[i+1:]); err == nil && t.After(e.latest) {
			e.latest = t
		}
	}
	return e
}

// createdRecord is what the client is told of a new Email (RFC 8621 sections 4.6 to 4.8).
func (e *emailRow) createdRecord() *jmap.Email {
	record := &jmap.Email{Has: jmap.EmailPropertyID | jmap.EmailPropertyBlobID | jmap.EmailPropertyThreadID | jmap.EmailPropertySize}
	record.ID, record.BlobID, record.ThreadID, record.Size = emailID(e.id), blobName{digest: e.blob}.id(), threadID(e.thread), e.size
	return record
}
