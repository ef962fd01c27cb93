package embedded

import (
	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// wanted is the part of a /get that is the same for all types (RFC 8620 section 5.1).
type wanted struct {
	numbers  []uint64
	notFound []jmap.ID
}

// want parses the ids, each once.
func (b *batch) want(prefix byte, list []jmap.ID) (*wanted, error) {
	if err := b.checkGet(len(list)); err != nil {
		return nil, err
	}
	w := &wanted{notFound: []jmap.ID{}}
	seen := make(map[jmap.ID]bool, len(list))
	for _, id := range list {
		id = b.id(id)
		if seen[id] {
			continue
		}
		seen[id] = true
		if n, ok := parseID(prefix, id); ok {
			w.numbers = append(w.numbers, n)
		} else {
			w.notFound = append(w.notFound, id)
		}
	}
	return w, nil
}

func (b *batch) checkGet(n int) error {
	if n > b.store.limits.MaxObjectsInGet {
		return methodError(jmap.MethodErrorRequestTooLarge, "more ids than maxObjectsInGet")
	}
	return nil
}

func unknownProperties(names []string) error {
	if len(names) > 0 {
		return invalidArguments("unknown property %q", names[0])
	}
	return nil
}

func mailboxGet(b *batch, q *jmap.MailboxGet) (jmap.Method, error) {
	a, err := b.account(q.AccountID)
	if err != nil {
		return nil, err
	}
	properties := jmap.MailboxAll
	if q.Properties != nil {
		var others []string
		if properties, others = jmap.ParseMailboxProperties(q.Properties); len(others) > 0 {
			return nil, unknownProperties(others)
		}
		properties |= jmap.MailboxPropertyID
	}
	response := &jmap.MailboxGetResponse{AccountID: q.AccountID, List: []*jmap.Mailbox{}, NotFound: []jmap.ID{}}
	err = a.view(func(s *snapshot) error {
		response.State = s.state(bucketBoxLog)
		boxes, err := s.mailboxes()
		if err != nil {
			return err
		}
		want := &wanted{}
		if q.IDs == nil {
			want.numbers = sortedKeys(boxes)
			if err := b.checkGet(len(boxes)); err != nil {
				return err
			}
		} else if want, err = b.want(prefixMailbox, q.IDs); err != nil {
			return err
		}
		response.NotFound = append(response.NotFound, want.notFound...)
		for _, n := range want.numbers {
			if m := boxes[n]; m != nil {
				response.List = append(response.List, m.record(b.user).Select(properties))
			} else {
				response.NotFound = append(response.NotFound, mailboxID(n))
			}
		}
		return nil
	})
	return response, err
}

func threadGet(b *batch, q *jmap.ThreadGet) (jmap.Method, error) {
	a, err := b.account(q.AccountID)
	if err != nil {
		return nil, err
	}
	properties := jmap.ThreadAll
	if q.Properties != nil {
		var others []string
		if properties, others = jmap.ParseThreadProperties(q.Properties); len(others) > 0 {
			return nil, unknownProperties(others)
		}
		properties |= jmap.ThreadPropertyID
	}
	response := &jmap.ThreadGetResponse{AccountID: q.AccountID, List: []*jmap.Thread{}}
	err = a.view(func(s *snapshot) error {
		response.State = s.state(bucketThrLog)
		want, err := b.wantOrAll(s, prefixThread, bucketThreads, q.IDs)
		if err != nil {
			return err
		}
		response.NotFound = want.notFound
		for _, n := range want.numbers {
			list := s.thread(n)
			if len(list) == 0 {
				response.NotFound = append(response.NotFound, threadID(n))
				continue
			}
			record := &jmap.Thread{Has: jmap.ThreadAll, ID: threadID(n), EmailIDs: ids(prefixEmail, list)}
			response.List = append(response.List, record.Select(properties))
		}
		return nil
	})
	return response, err
}

// wantOrAll takes all records of a bucket where no ids are given, if that many may be fetched.
func (b *batch) wantOrAll(s *snapshot, prefix byte, bucket []byte, list []jmap.ID) (*wanted, error) {
	if list != nil {
		return b.want(prefix, list)
	}
	w := &wanted{notFound: []jmap.ID{}}
	c := s.bucket(bucket).Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		w.numbers = append(w.numbers, numberOf(k))
		if err := b.checkGet(len(w.numbers)); err != nil {
			return nil, err
		}
	}
	return w, nil
}
