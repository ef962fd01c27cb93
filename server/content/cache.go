package content

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/semaphore"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/server/message"
	"github.com/dragoman-mail/dragoman/server/store"
)

// Options bound the cache. Zero values mean the defaults.
type Options struct {
	Memory   int64       // octets of messages kept; default 64 MiB. Spooled ones count a sixteenth
	Inline   int64       // larger messages are spooled to disk; default 1 MiB
	Limit    int64       // larger messages are not read at all; default 1 GiB
	Digests  int64       // octets of digests kept in memory; default 32 MiB
	InFlight int64       // octets of memory for batches that are being read, of all connections; default 128 MiB
	Dir      string      // where spool files go; default the system's place for temporary files
	Store    store.Cache // keeps digests for good; nil: memory only
}

// Cache holds messages and their digests. It is shared by all connections.
type Cache struct {
	options  Options
	octets   *otter.Cache[key, *Octets]
	digests  *otter.Cache[key, *message.Digest]
	inFlight *semaphore.Weighted
}

// key names a message's octets. Blob ids are unique in an account only.
type key struct {
	account store.Key
	blob    jmap.ID
	part    part // of a digest: what of the message was asked for
}

// part is what of a message a digest is asked for.
type part uint8

const (
	whole  part = iota // the structure
	header             // the octets of the header block
	fields             // the fields of the header
)

// Source downloads blobs. *jmapclient.Session is one.
type Source interface {
	Download(ctx context.Context, account, blob jmap.ID, contentType, name string) (io.ReadCloser, int64, error)
}

// Account is where the messages of one session come from.
type Account struct {
	Key    store.Key
	ID     jmap.ID
	Source Source
	// Size is how many octets the message has that is asked for, 0 where that is not known. What is of another length is downloaded
	// once more: an answer may have been cut short on the way. Should it come the same again, the server counts otherwise than it stores.
	Size int64
}

// New makes a cache.
func New(o Options) *Cache {
	fallback(&o.Memory, 64<<20)
	fallback(&o.Inline, 1<<20)
	fallback(&o.Limit, 1<<30)
	fallback(&o.Digests, 32<<20)
	fallback(&o.InFlight, 128<<20)
	c := &Cache{options: o, inFlight: semaphore.NewWeighted(o.InFlight)}
	c.octets = otter.Must(&otter.Options[key, *Octets]{
		MaximumWeight: uint64(o.Memory),
		Weigher:       func(_ key, v *Octets) uint32 { return v.weight() },
		OnDeletion:    func(e otter.DeletionEvent[key, *Octets]) { e.Value.Release() },
	})
	c.digests = otter.Must(&otter.Options[key, *message.Digest]{
		MaximumWeight: uint64(o.Digests),
		Weigher:       func(_ key, v *message.Digest) uint32 { return uint32(min(v.Weight(), 1<<31)) },
	})
	return c
}

func fallback(n *int64, otherwise int64) {
	if *n <= 0 {
		*n = otherwise
	}
}

// Octets gives the octets of a message, to be released by the caller.
func (c *Cache) Octets(ctx context.Context, a Account, blob jmap.ID) (*Octets, error) {
	k := key{account: a.Key, blob: blob}
	for {
		o, err := again(ctx, func() (*Octets, error) {
			return c.octets.Get(ctx, k, otter.LoaderFunc[key, *Octets](func(ctx context.Context, _ key) (*Octets, error) {
				return c.download(ctx, a, blob)
			}))
		})
		if err != nil {
			return nil, err
		}
		if o.retain() {
			return o, nil
		}
	}
}

// CachedOctets gives the octets of a message, to be released by the caller, or nil where they are not in memory.
func (c *Cache) CachedOctets(a Account, blob jmap.ID) *Octets {
	o, ok := c.octets.GetIfPresent(key{account: a.Key, blob: blob})
	if !ok || !o.retain() {
		return nil
	}
	return o
}

// again repeats a load that failed because the connection which had begun it went away, or which that connection's batch had left
// out.
func again[T any](ctx context.Context, load func() (T, error)) (T, error) {
	const tries = 5
	for try := 1; ; try++ {
		value, err := load()
		theirs := errors.Is(err, context.Canceled) || errors.Is(err, otter.ErrNotFound)
		if err == nil || ctx.Err() != nil || !theirs || try == tries {
			return value, err
		}
	}
}

func (c *Cache) download(ctx context.Context, a Account, blob jmap.ID) (*Octets, error) {
	o, err := c.downloadOnce(ctx, a, blob)
	if err != nil || a.Size == 0 || int64(len(o.Bytes())) == a.Size {
		return o, err
	}
	again, err := c.downloadOnce(ctx, a, blob)
	if err != nil {
		o.Release()
		return nil, err
	}
	defer o.Release()
	if n := int64(len(again.Bytes())); n != a.Size && !bytes.Equal(o.Bytes(), again.Bytes()) {
		again.Release()
		return nil, fmt.Errorf("%w: reading blob %s: %d octets came of %d", ErrIncomplete, blob, n, a.Size)
	}
	return again, nil
}

func (c *Cache) downloadOnce(ctx context.Context, a Account, blob jmap.ID) (*Octets, error) {
	body, _, err := a.Source.Download(ctx, a.ID, blob, "message/rfc822", "message.eml")
	if err != nil {
		return nil, err
	}
	defer body.Close()
	o, err := read(body, c.options.Inline, c.options.Limit, c.options.Dir)
	if err != nil {
		return nil, fmt.Errorf("reading blob %s: %w", blob, err)
	}
	return o, nil
}
