package content

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/server/message"
)

// DigestsOf is Digest for many messages: those that nobody has seen come in few requests. There is one outcome for each message, in
// order; the error says that the JMAP server is not there.
func (c *Cache) DigestsOf(ctx context.Context, a Account, wants []Want) ([]Loaded[*message.Digest], error) {
	load := many[*message.Digest]{
		wants:  wants,
		key:    func(blob jmap.ID) key { return key{account: a.Key, blob: blob} },
		cached: func(blob jmap.ID) (*message.Digest, bool) { d := c.CachedDigest(a, blob); return d, d != nil },
		bulk: bulk[*message.Digest]{c.digests.BulkGet, func(ctx context.Context, keys []key) (map[key]*message.Digest, error) {
			return c.loadDigests(ctx, a, sized(wants, keys))
		}},
		one: func(ctx context.Context, w Want) (*message.Digest, error) { return c.Digest(ctx, a.of(w), w.Blob) },
	}
	return load.run(ctx)
}

// loadDigests gives the digests of those messages that the store has or that come in a batch.
func (c *Cache) loadDigests(ctx context.Context, a Account, wants []Want) (map[key]*message.Digest, error) {
	digests := make(map[key]*message.Digest, len(wants))
	var unseen []Want
	for _, w := range wants {
		d := c.CachedDigest(a, w.Blob) // a load that ended a moment ago may have brought it
		if d == nil {
			d = c.stored(ctx, a, digestKind, w.Blob)
		}
		if d != nil {
			digests[key{account: a.Key, blob: w.Blob}] = d
		} else {
			unseen = append(unseen, w)
		}
	}
	made := digestSet{cache: c, account: a}
	defer made.keep(ctx)
	octets, err := c.batchOctets(ctx, a, unseen)
	for i, o := range octets {
		if o == nil {
			continue
		}
		blob := unseen[i].Blob
		digests[key{account: a.Key, blob: blob}] = made.whole(blob, o.Bytes())
		o.Release()
	}
	return digests, err
}

// many loads values for many messages: what is in memory, then what comes in a batch, then the rest one by one.
type many[V any] struct {
	wants  []Want
	key    func(blob jmap.ID) key
	cached func(blob jmap.ID) (V, bool)
	bulk   bulk[V]
	one    func(ctx context.Context, w Want) (V, error)
}

func (m many[V]) run(ctx context.Context) ([]Loaded[V], error) {
	got := make([]Loaded[V], len(m.wants))
	var missing []int
	var keys []key
	for i, w := range m.wants {
		value, ok := m.cached(w.Blob)
		if got[i].Value = value; !ok {
			missing = append(missing, i)
			keys = append(keys, m.key(w.Blob))
		}
	}
	if len(missing) == 0 {
		return got, nil
	}
	values, err := m.bulk.run(ctx, keys)
	if err != nil {
		return nil, err
	}
	rest := missing[:0]
	for _, i := range missing {
		value, ok := values[m.key(m.wants[i].Blob)]
		if got[i].Value = value; !ok {
			rest = append(rest, i)
		}
	}
	err = each(ctx, rest, func(ctx context.Context, i int) (V, error) { return m.one(ctx, m.wants[i]) },
		func(i int, one Loaded[V]) { got[i] = one })
	if err != nil {
		return nil, err
	}
	return got, nil
}

// sized gives the keys that a cache wants loaded as wants, which have sizes, in the order of those.
func sized(wants []Want, keys []key) []Want {
	asked := make(map[jmap.ID]bool, len(keys))
	for _, k := range keys {
		asked[k.blob] = true
	}
	list := make([]Want, 0, len(keys))
	for _, w := range wants {
		if asked[w.Blob] {
			asked[w.Blob] = false
			list = append(list, w)
		}
	}
	return list
}
