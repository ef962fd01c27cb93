package embedded

import (
	"maps"
	"slices"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// lookupTypes are the types whose records refer to blobs: an Email to its message, the others to the Emails in them.
var lookupTypes = []string{"Mailbox", "Thread", "Email"}

// blobLookup finds the records that refer to blobs (RFC 9404 section 4.3).
func blobLookup(b *batch, q *jmap.BlobLookup) (jmap.Method, error) {
	a, err := b.account(q.AccountID)
	if err != nil {
		return nil, err
	}
	if err := b.checkGet(len(q.IDs)); err != nil {
		return nil, err
	}
	for _, name := range q.TypeNames {
		if !slices.Contains(lookupTypes, name) || !b.using[jmap.CapabilityMail] {
			return nil, methodError(jmap.MethodErrorUnknownDataType, "no type "+name)
		}
	}
	ids := unique(b.ids(q.IDs))
	var found map[digest]*references
	if err := a.view(func(s *snapshot) (err error) { found, err = s.references(ids); return err }); err != nil {
		return nil, err
	}
	response := &jmap.BlobLookupResponse{AccountID: q.AccountID, List: []jmap.BlobInfo{}}
	left := &meter{b.room()}
	for _, id := range ids {
		name, ok := parseBlobID(id)
		r := found[name.digest]
		if !ok || r == nil {
			r = &references{}
		}
		if !left.take(r.cost()) {
			return nil, errTooMuch("the response would be too large")
		}
		response.List = append(response.List, r.info(id, q.TypeNames))
	}
	return response, nil
}

// references are the records that refer to one blob.
type references struct{ emails, threads, mailboxes map[uint64]bool }

func (r *references) cost() int {
	return partOctets + bodyOctets*(len(r.emails)+len(r.threads)+len(r.mailboxes))
}

// info has a list for each type, if an empty one.
func (r *references) info(id jmap.ID, typeNames []string) jmap.BlobInfo {
	info := jmap.BlobInfo{ID: id, MatchedIDs: map[string][]jmap.ID{}}
	for _, name := range typeNames {
		prefix, numbers := byte(prefixEmail), r.emails
		switch name {
		case "Mailbox":
			prefix, numbers = prefixMailbox, r.mailboxes
		case "Thread":
			prefix, numbers = prefixThread, r.threads
		}
		info.MatchedIDs[name] = ids(prefix, slices.Sorted(maps.Keys(numbers)))
	}
	return info
}

// references looks through the Emails for those that have a blob; a part of a message counts as the message. As there is no index,
// it does so only when there is one to be found.
func (s *snapshot) references(ids []jmap.ID) (map[digest]*references, error) {
	found := map[digest]*references{}
	for _, id := range ids {
		if name, ok := parseBlobID(id); ok && s.blobCount(name.digest) > 0 {
			found[name.digest] = &references{map[uint64]bool{}, map[uint64]bool{}, map[uint64]bool{}}
		}
	}
	if len(found) == 0 {
		return found, nil
	}
	return found, s.bucket(bucketEmails).ForEach(func(k, v []byte) error {
		e, err := decodeEmailRow(numberOf(k), v)
		if err != nil {
			return err
		}
		r := found[e.blob]
		if r == nil {
			return nil
		}
		r.emails[e.id], r.threads[e.thread] = true, true
		for _, m := range e.mailboxes {
			r.mailboxes[m] = true
		}
		return nil
	})
}
