package embedded

import (
	"bytes"
	"errors"
	"maps"
	"slices"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// emailImport makes Emails of uploaded messages (RFC 8621 section 4.8). A message that is
// there already becomes another Email.
func emailImport(b *batch, q *jmap.EmailImport) (jmap.Method, error) {
	a, err := b.account(q.AccountID)
	if err != nil {
		return nil, err
	}
	if err := b.checkSet(len(q.Emails)); err != nil {
		return nil, err
	}
	response := &jmap.EmailImportResponse{AccountID: q.AccountID}
	keys := slices.Sorted(maps.Keys(q.Emails))
	prepared := map[jmap.ID]*newEmail{}
	left := &meter{b.store.limits.MaxSizeResponse}
	for _, key := range keys {
		e, refusal, err := b.readImport(a, q.Emails[key])
		if err != nil {
			return nil, err
		}
		if refusal != nil {
			put(&response.NotCreated, key, *refusal)
			continue
		}
		if !left.take(len(e.headers.encode())) && len(prepared) > 0 {
			return nil, errTooMuch("the messages have too large headers for one call")
		}
		prepared[key] = e
	}
	err = a.update(func(w *writer) error {
		if err := w.checkState(bucketEmailLog, q.IfInState); err != nil {
			return err
		}
		old := w.state(bucketEmailLog)
		response.OldState = &old
		for _, key := range keys {
			e := prepared[key]
			if e == nil {
				continue
			}
			refusal, err := b.importEmail(w, e, q.Emails[key])
			if err != nil {
				return err
			}
			if refusal != nil {
				put(&response.NotCreated, key, *refusal)
				continue
			}
			put(&response.Created, key, e.row.createdRecord())
		}
		return w.settle(&response.NewState)
	})
	if err != nil {
		return nil, err
	}
	b.note(response.Created)
	return response, nil
}

// note remembers the ids of records that were made.
func (b *batch) note(created map[jmap.ID]*jmap.Email) {
	for key, e := range created {
		b.created[key] = e.ID
	}
}

// readImport checks what can be checked before the transaction.
func (b *batch) readImport(a *account, o *jmap.EmailImportObject) (*newEmail, *jmap.SetError, error) {
	if o == nil {
		return nil, invalidProperties("an EmailImport is an object"), nil
	}
	if bad := append(slices.Clone(o.Invalid), slices.Sorted(maps.Keys(o.Extra))...); len(bad) > 0 {
		return nil, invalidProperties("unknown properties, or of the wrong type", bad...), nil
	}
	d, size, err := b.wholeBlob(a, o.BlobID)
	if errors.Is(err, errNoBlob) {
		return nil, invalidProperties("there is no such blob", "blobId"), nil
	}
	if err != nil {
		return nil, nil, err
	}
	var made *newEmail
	var refusal *jmap.SetError
	err = b.withMessage(a, d, size, func(octets []byte) error {
		if len(octets) == 0 { // mail without any header exists, and what was mail elsewhere is mail here
			refusal = setError(jmap.SetErrorInvalidEmail, "the blob is empty")
			return nil
		}
		made = describe(d, octets)
		return nil
	})
	return made, refusal, err
}

// isMessage says whether octets can be taken for a message: they begin with a header that has
// a field at least.
func isMessage(octets []byte) bool {
	for range mime.Parse(headerOf(octets)).Header().Fields() {
		return true
	}
	return false
}

// headerOf cuts a message behind its header, as far as that can be seen at once.
func headerOf(octets []byte) []byte {
	if i := bytes.Index(octets, []byte("\n\r\n")); i >= 0 {
		octets = octets[:i+3]
	}
	if i := bytes.Index(octets, []byte("\n\n")); i >= 0 {
		octets = octets[:i+2]
	}
	return octets
}

// importEmail puts a prepared Email into its Mailboxes.
func (b *batch) importEmail(w *writer, e *newEmail, o *jmap.EmailImportObject) (refusal *jmap.SetError, err error) {
	if e.row.mailboxes, refusal = b.mailboxList(&w.snapshot, o.MailboxIDs); refusal != nil {
		return refusal, nil
	}
	if e.row.keywords, refusal = b.keywordList(o.Keywords); refusal != nil {
		return refusal, nil
	}
	received := e.latest
	if !o.ReceivedAt.IsZero() {
		received = o.ReceivedAt.Time
	}
	if received.IsZero() {
		received = b.store.now()
	}
	e.row.received = received.Unix()
	return nil, w.insertEmail(e.row, e.headers)
}
