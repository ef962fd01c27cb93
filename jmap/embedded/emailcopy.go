package embedded

import (
	"errors"
	"maps"
	"slices"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// copySettable are the properties that a copy may have different from the original.
const copySettable = jmap.EmailPropertyID | jmap.EmailPropertyMailboxIDs | jmap.EmailPropertyKeywords | jmap.EmailPropertyReceivedAt

// emailCopy copies Emails from another account (RFC 8621 section 4.7).
func emailCopy(b *batch, q *jmap.EmailCopy) (jmap.Method, error) {
	from, a, err := b.twoAccounts(q.FromAccountID, q.AccountID)
	if err != nil {
		return nil, err
	}
	if err := b.checkSet(len(q.Create)); err != nil {
		return nil, err
	}
	response := &jmap.EmailCopyResponse{FromAccountID: q.FromAccountID, AccountID: q.AccountID}
	originals, err := b.originals(from, q, response)
	if err != nil {
		return nil, err
	}
	var copied []jmap.ID
	err = a.update(func(w *writer) error {
		if err := w.checkState(bucketEmailLog, q.IfInState); err != nil {
			return err
		}
		old := w.state(bucketEmailLog)
		response.OldState = &old
		for _, key := range slices.Sorted(maps.Keys(originals)) {
			e := originals[key]
			refusal, err := b.copyEmail(w, e, q.Create[key])
			if err != nil {
				return err
			}
			if refusal != nil {
				put(&response.NotCreated, key, *refusal)
				continue
			}
			put(&response.Created, key, e.row.createdRecord())
			copied = append(copied, b.id(q.Create[key].ID))
		}
		return w.settle(&response.NewState)
	})
	if err != nil {
		return nil, err
	}
	b.note(response.Created)
	if q.OnSuccessDestroyOriginal && len(copied) > 0 {
		b.implicit = &jmap.EmailSet{AccountID: q.FromAccountID, IfInState: q.DestroyFromIfInState, Destroy: copied}
	}
	return response, nil
}

// twoAccounts checks the accounts of a /copy (RFC 8620 section 5.4).
func (b *batch) twoAccounts(fromID, toID jmap.ID) (from, to *account, err error) {
	if from, err = b.account(fromID); err != nil {
		return nil, nil, methodError(jmap.MethodErrorFromAccountNotFound, "")
	}
	if to, err = b.account(toID); err != nil {
		return nil, nil, err
	}
	if from == to {
		return nil, nil, invalidArguments("fromAccountId and accountId are the same")
	}
	return from, to, nil
}

// originals reads the Emails to copy and brings their messages over.
func (b *batch) originals(from *account, q *jmap.EmailCopy, response *jmap.EmailCopyResponse) (map[jmap.ID]*newEmail, error) {
	found := map[jmap.ID]*newEmail{}
	left := &meter{b.store.limits.MaxSizeResponse}
	err := from.view(func(s *snapshot) error {
		if err := s.checkState(bucketEmailLog, q.IfFromInState); err != nil {
			return err
		}
		for key, given := range q.Create {
			row, refusal, err := b.original(s, given)
			if err != nil {
				return err
			}
			if refusal != nil {
				put(&response.NotCreated, key, *refusal)
				continue
			}
			if !left.take(s.headerSize(row.id)) && len(found) > 0 {
				return errTooMuch("the messages have too large headers for one call")
			}
			h, err := s.headers(row.id)
			if err != nil {
				return err
			}
			found[key] = &newEmail{row: row.clone(), headers: h}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	to, err := b.account(q.AccountID)
	if err != nil {
		return nil, err
	}
	for key, e := range found {
		if err := b.spend(int64(e.row.size)); err != nil {
			return nil, err
		}
		err := from.explain(to.blobs.copyFrom(from.blobs, e.row.blob, b.store.now()), e.row.blob)
		if errors.Is(err, errNoBlob) {
			put(&response.NotCreated, key, *setError(jmap.SetErrorNotFound, "there is no such Email"))
			delete(found, key)
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (b *batch) original(s *snapshot, given *jmap.Email) (*emailRow, *jmap.SetError, error) {
	if given == nil {
		return nil, invalidProperties("an Email is an object"), nil
	}
	bad := slices.Concat(given.Invalid, (given.Has &^ copySettable).Names(), slices.Sorted(maps.Keys(given.Extra)), slices.Sorted(maps.Keys(given.HeaderFields)))
	if len(bad) > 0 {
		return nil, invalidProperties("not properties that a copy can change", bad...), nil
	}
	n, ok := parseID(prefixEmail, b.id(given.ID))
	if !ok {
		return nil, setError(jmap.SetErrorNotFound, "there is no such Email"), nil
	}
	row, err := s.email(n)
	if err == nil && row == nil {
		return nil, setError(jmap.SetErrorNotFound, "there is no such Email"), nil
	}
	return row, nil, err
}

// copyEmail stores a copy. Its Mailboxes must be given, as those of the original are in the
// other account.
func (b *batch) copyEmail(w *writer, e *newEmail, given *jmap.Email) (refusal *jmap.SetError, err error) {
	if e.row.mailboxes, refusal = b.mailboxList(&w.snapshot, given.MailboxIDs); refusal != nil {
		return refusal, nil
	}
	if given.Has&jmap.EmailPropertyKeywords != 0 {
		if e.row.keywords, refusal = b.keywordList(given.Keywords); refusal != nil {
			return refusal, nil
		}
	}
	if !given.ReceivedAt.IsZero() {
		e.row.received = given.ReceivedAt.Unix()
	}
	return nil, w.insertEmail(e.row, e.headers)
}

// blobCopy brings blobs over from another account (RFC 8620 section 6.3).
func blobCopy(b *batch, q *jmap.BlobCopy) (jmap.Method, error) {
	from, to, err := b.twoAccounts(q.FromAccountID, q.AccountID)
	if err != nil {
		return nil, err
	}
	if err := b.checkSet(len(q.BlobIDs)); err != nil {
		return nil, err
	}
	response := &jmap.BlobCopyResponse{FromAccountID: q.FromAccountID, AccountID: q.AccountID}
	for _, id := range q.BlobIDs {
		name, ok := parseBlobID(id)
		err := errNoBlob
		if ok {
			err = from.explain(to.blobs.copyFrom(from.blobs, name.digest, b.store.now()), name.digest)
		}
		switch {
		case errors.Is(err, errNoBlob):
			put(&response.NotCopied, id, *setError(jmap.SetErrorNotFound, "there is no such blob"))
		case err != nil:
			return nil, err
		default:
			put(&response.Copied, id, id)
		}
	}
	return response, nil
}
