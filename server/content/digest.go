package content

import (
	"context"

	"github.com/maypok86/otter/v2"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
	"github.com/dragoman-mail/dragoman/server/message"
)

// The kinds of digests in the store. They change when what they hold does.
const (
	digestKind = "digest" // of a whole message
	headerKind = "header" // of a header block
	fieldsKind = "fields" // of the fields of a header
)

// Digest gives what is parsed from a message once: from memory, from the store or, the first time, from its octets.
func (c *Cache) Digest(ctx context.Context, a Account, blob jmap.ID) (*message.Digest, error) {
	if d := c.CachedDigest(a, blob); d != nil {
		return d, nil
	}
	k := key{account: a.Key, blob: blob}
	return again(ctx, func() (*message.Digest, error) {
		return c.digests.Get(ctx, k, otter.LoaderFunc[key, *message.Digest](func(ctx context.Context, _ key) (*message.Digest, error) {
			return c.loadDigest(ctx, a, blob)
		}))
	})
}

// CachedDigest gives a digest of a whole message that is in memory, or nil.
func (c *Cache) CachedDigest(a Account, blob jmap.ID) *message.Digest {
	if d, ok := c.digests.GetIfPresent(key{account: a.Key, blob: blob}); ok {
		return d
	}
	if d, ok := c.digests.GetIfPresent(key{account: a.Key, blob: blob, part: header}); ok && d.HasStructure() {
		return d
	}
	return nil
}

// CachedHeader is CachedDigest where the digest needs no structure.
func (c *Cache) CachedHeader(a Account, blob jmap.ID) *message.Digest {
	if d, ok := c.digests.GetIfPresent(key{account: a.Key, blob: blob, part: header}); ok {
		return d
	}
	d, _ := c.digests.GetIfPresent(key{account: a.Key, blob: blob})
	return d
}

// CachedFields is CachedHeader where the digest needs no more than the fields of the header.
func (c *Cache) CachedFields(a Account, blob jmap.ID) *message.Digest {
	if d := c.CachedHeader(a, blob); d != nil {
		return d
	}
	d, _ := c.digests.GetIfPresent(key{account: a.Key, blob: blob, part: fields})
	return d
}

func (c *Cache) loadDigest(ctx context.Context, a Account, blob jmap.ID) (*message.Digest, error) {
	if d := c.stored(ctx, a, digestKind, blob); d != nil {
		return d, nil
	}
	o, err := c.Octets(ctx, a, blob)
	if err != nil {
		return nil, err
	}
	defer o.Release()
	return c.newDigest(ctx, a, blob, o.Bytes()), nil
}

// newDigest makes the digest of a whole message, and keeps it for good.
func (c *Cache) newDigest(ctx context.Context, a Account, blob jmap.ID, octets []byte) *message.Digest {
	d := message.NewDigest(mime.Parse(octets))
	if c.options.Store != nil {
		c.options.Store.Put(ctx, a.Key, digestKind, string(blob), d.Encode())
	}
	return d
}

// stored gives a digest that the store has, or nil.
func (c *Cache) stored(ctx context.Context, a Account, kind string, blob jmap.ID) *message.Digest {
	if c.options.Store == nil {
		return nil
	}
	data, ok := c.options.Store.Get(ctx, a.Key, kind, string(blob))
	if !ok {
		return nil
	}
	d, err := message.DecodeDigest(data)
	if err != nil || kind == digestKind && !d.HasStructure() || kind == headerKind && d.Rebuilt {
		return nil
	}
	return d
}

// digestSet are the digests that one load has made, to be kept for good together.
type digestSet struct {
	cache   *Cache
	account Account
	encoded map[string]map[string][]byte // by kind and blob
}

// whole makes the digest of a whole message.
func (s *digestSet) whole(blob jmap.ID, octets []byte) *message.Digest {
	return s.add(digestKind, blob, message.NewDigest(mime.Parse(octets)))
}

func (s *digestSet) add(kind string, blob jmap.ID, d *message.Digest) *message.Digest {
	if s.cache.options.Store == nil {
		return d
	}
	if s.encoded == nil {
		s.encoded = map[string]map[string][]byte{}
	}
	if s.encoded[kind] == nil {
		s.encoded[kind] = map[string][]byte{}
	}
	s.encoded[kind][string(blob)] = d.Encode()
	return d
}

func (s *digestSet) keep(ctx context.Context) {
	for kind, data := range s.encoded {
		s.cache.options.Store.PutAll(ctx, s.account.Key, kind, data)
	}
}
