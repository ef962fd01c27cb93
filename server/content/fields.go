package content

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/server/message"
)

// Lister is a Source that gives the header fields of many messages in one request. *jmapclient.Session is one.
type Lister interface {
	HeaderBlocks(ctx context.Context, account jmap.ID, emails []jmap.ID) ([]jmapclient.HeaderBlock, error)
}

// FieldsOf is HeadersOf where the header fields are enough, as for ENVELOPE: should the JMAP server not give octets in batches, its
// lists of fields do.
func (c *Cache) FieldsOf(ctx context.Context, a Account, wants []Want) ([]Loaded[*message.Digest], error) {
	if _, ok := a.Source.(Lister); !ok || a.Batches() {
		return c.HeadersOf(ctx, a, wants)
	}
	load := many[*message.Digest]{
		wants:  wants,
		key:    func(blob jmap.ID) key { return key{account: a.Key, blob: blob, part: fields} },
		cached: func(blob jmap.ID) (*message.Digest, bool) { d := c.CachedFields(a, blob); return d, d != nil },
		bulk: bulk[*message.Digest]{c.digests.BulkGet, func(ctx context.Context, keys []key) (map[key]*message.Digest, error) {
			return c.loadFields(ctx, a, sized(wants, keys))
		}},
		one: func(ctx context.Context, w Want) (*message.Digest, error) { return c.Digest(ctx, a.of(w), w.Blob) },
	}
	return load.run(ctx)
}

// ListsFields reports whether header fields of the account come many at a time, in one way or another.
func (a Account) ListsFields() bool {
	_, ok := a.Source.(Lister)
	return ok || a.Batches()
}

// loadFields gives the digests of those messages that are at hand, or whose fields the server lists.
func (c *Cache) loadFields(ctx context.Context, a Account, wants []Want) (map[key]*message.Digest, error) {
	digests := make(map[key]*message.Digest, len(wants))
	made := &digestSet{cache: c, account: a}
	defer func() { made.keep(ctx) }()
	blobs := map[jmap.ID]jmap.ID{} // by Email
	var emails []jmap.ID
	for _, w := range wants {
		if d := made.atHand(ctx, w.Blob, digestKind, headerKind, fieldsKind); d != nil {
			digests[key{account: a.Key, blob: w.Blob, part: fields}] = d
		} else if w.Email != "" {
			blobs[w.Email] = w.Blob
			emails = append(emails, w.Email)
		}
	}
	if len(emails) < 2 { // one is downloaded whole, for what is asked of it next
		return digests, nil
	}
	weight := min(int64(len(emails))*HeaderOctets*answerCopies, c.options.InFlight)
	if err := c.inFlight.Acquire(ctx, weight); err != nil {
		return nil, err
	}
	defer c.inFlight.Release(weight)
	blocks, err := a.Source.(Lister).HeaderBlocks(ctx, a.ID, emails)
	if Broken(err) { // perhaps at one of the messages: its download will tell
		return digests, nil
	}
	for _, b := range blocks {
		if b.Blob == "" || blobs[b.Email] != b.Blob || b.Size < int64(len(b.Octets)) { // or the message has other line ends
			continue
		}
		if d, ok := message.NewHeaderDigest(b.Octets, b.Size); ok {
			d.Rebuilt = true
			digests[key{account: a.Key, blob: b.Blob, part: fields}] = made.add(fieldsKind, b.Blob, d)
		}
	}
	return digests, err
}
