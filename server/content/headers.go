package content

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/server/message"
)

// HeaderOctets is how much of a message is fetched at first for its header block. Most mail has less before the body, and
// small messages come whole with it.
const HeaderOctets = 8 << 10

// headerEnds are up to where a message is fetched, one after the other, while its header block goes on. The whole message
// comes last.
var headerEnds = []int64{HeaderOctets, 64 << 10, 256 << 10}

// HeadersOf is DigestsOf where the digests need no structure: of messages that nobody has seen just the beginnings are fetched,
// where the JMAP server has parts of messages. A digest may have its structure nevertheless.
func (c *Cache) HeadersOf(ctx context.Context, a Account, wants []Want) ([]Loaded[*message.Digest], error) {
	load := many[*message.Digest]{
		wants:  wants,
		key:    func(blob jmap.ID) key { return key{account: a.Key, blob: blob, part: header} },
		cached: func(blob jmap.ID) (*message.Digest, bool) { d := c.CachedHeader(a, blob); return d, d != nil },
		bulk: bulk[*message.Digest]{c.digests.BulkGet, func(ctx context.Context, keys []key) (map[key]*message.Digest, error) {
			return c.loadHeaders(ctx, a, sized(wants, keys))
		}},
		one: func(ctx context.Context, w Want) (*message.Digest, error) { return c.Digest(ctx, a.of(w), w.Blob) },
	}
	return load.run(ctx)
}

// loadHeaders gives the digests of those messages that are at hand, or whose header blocks come in batches.
func (c *Cache) loadHeaders(ctx context.Context, a Account, wants []Want) (map[key]*message.Digest, error) {
	digests := make(map[key]*message.Digest, len(wants))
	made := &digestSet{cache: c, account: a}
	defer func() { made.keep(ctx) }()
	var open []beginning
	for _, w := range wants {
		d := c.CachedHeader(a, w.Blob) // a load that ended a moment ago may have brought it
		if d == nil {
			d = made.atHand(ctx, w.Blob, digestKind, headerKind)
		}
		if d != nil {
			digests[key{account: a.Key, blob: w.Blob, part: header}] = d
		} else {
			open = append(open, beginning{want: w})
		}
	}
	if len(open) == 1 && open[0].want.Size > 0 && open[0].want.Size <= HeaderOctets {
		return digests, nil // it is downloaded whole, for what is asked of it next
	}
	for _, end := range headerEnds {
		if len(open) == 0 {
			break
		}
		longer, err := c.lengthen(ctx, a, open, end)
		if err != nil {
			return nil, err
		}
		open = longer[:0]
		for _, b := range longer {
			if d := made.ofBeginning(b); d != nil {
				digests[key{account: a.Key, blob: b.want.Blob, part: header}] = d
			} else {
				open = append(open, b)
			}
		}
	}
	return digests, nil
}

// atHand is the digest of a message that the store has as one of some kinds, or whose octets are in memory.
func (s *digestSet) atHand(ctx context.Context, blob jmap.ID, kinds ...string) *message.Digest {
	for _, kind := range kinds {
		if d := s.cache.stored(ctx, s.account, kind, blob); d != nil {
			return d
		}
	}
	o := s.cache.CachedOctets(s.account, blob)
	if o == nil {
		return nil
	}
	defer o.Release()
	return s.whole(blob, o.Bytes())
}

// beginning is what of a message has been fetched.
type beginning struct {
	want   Want
	octets []byte
	size   int64 // of the whole, once it is known
}

// lengthen fetches messages up to an end. Those that the server does not give in batches are left out.
func (c *Cache) lengthen(ctx context.Context, a Account, open []beginning, end int64) ([]beginning, error) {
	ranges := make([]jmapclient.BlobRange, len(open))
	for i, b := range open {
		have := int64(len(b.octets))
		ranges[i] = jmapclient.BlobRange{Blob: b.want.Blob, Offset: have, Length: end - have, Size: b.want.Size}
	}
	var longer []beginning
	err := c.pieces(ctx, a, ranges, func(i int, piece jmapclient.BlobPiece) {
		b := open[i]
		b.octets = append(b.octets, piece.Octets...)
		b.size = piece.Size
		if b.size < 0 {
			return // whether there is a body cannot be told
		}
		longer = append(longer, b)
	})
	return longer, err
}

// ofBeginning is nil where the header block is longer than what has been fetched.
func (s *digestSet) ofBeginning(b beginning) *message.Digest {
	if int64(len(b.octets)) == b.size {
		return s.whole(b.want.Blob, b.octets)
	}
	d, ok := message.NewHeaderDigest(b.octets, b.size)
	if !ok {
		return nil
	}
	return s.add(headerKind, b.want.Blob, d)
}
