package content

import (
	"context"

	"github.com/maypok86/otter/v2"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
	"github.com/dragoman-mail/dragoman/server/message"
)

// digestKind names digests in the store. It changes when what they hold does.
const digestKind = "digest"

// Digest gives what is parsed from a message once: from memory, from the store or, the first time, from its octets.
func (c *Cache) Digest(ctx context.Context, a Account, blob jmap.ID) (*message.Digest, error) {
	k := key{a.Key, blob}
	return again(ctx, func() (*message.Digest, error) {
		return c.digests.Get(ctx, k, otter.LoaderFunc[key, *message.Digest](func(ctx context.Context, _ key) (*message.Digest, error) {
			return c.loadDigest(ctx, a, blob)
		}))
	})
}

// CachedDigest gives a digest that is in memory, or nil.
func (c *Cache) CachedDigest(a Account, blob jmap.ID) *message.Digest {
	d, _ := c.digests.GetIfPresent(key{a.Key, blob})
	return d
}

func (c *Cache) loadDigest(ctx context.Context, a Account, blob jmap.ID) (*message.Digest, error) {
	if c.options.Store != nil {
		if data, ok := c.options.Store.Get(ctx, a.Key, digestKind, string(blob)); ok {
			if d, err := message.DecodeDigest(data); err == nil {
				return d, nil
			}
		}
	}
	o, err := c.Octets(ctx, a, blob)
	if err != nil {
		return nil, err
	}
	defer o.Release()
	d := message.NewDigest(mime.Parse(o.Bytes()))
	if c.options.Store != nil {
		c.options.Store.Put(ctx, a.Key, digestKind, string(blob), d.Encode())
	}
	return d, nil
}
