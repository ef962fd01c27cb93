package content

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
)

// BatchOctets is the largest message that comes in a batch. Larger ones are downloaded, which needs no more memory than they have.
const BatchOctets = 256 << 10

// OctetsOf is Octets for many messages: small ones that nobody has seen come in few requests. There is one outcome for each
// message, in order, to be released by the caller; the error says that the JMAP server is not there.
func (c *Cache) OctetsOf(ctx context.Context, a Account, wants []Want) ([]Loaded[*Octets], error) {
	got := make([]Loaded[*Octets], len(wants))
	octets, err := c.batchOctets(ctx, a, wants)
	var rest []int
	for i, o := range octets {
		if got[i].Value = o; o == nil {
			rest = append(rest, i)
		}
	}
	if err == nil {
		err = each(ctx, rest, func(ctx context.Context, i int) (*Octets, error) { return c.Octets(ctx, a.of(wants[i]), wants[i].Blob) },
			func(i int, one Loaded[*Octets]) { got[i] = one })
	}
	if err != nil {
		releaseAll(got)
		return nil, err
	}
	return got, nil
}

func releaseAll(list []Loaded[*Octets]) {
	for _, o := range list {
		if o.Value != nil {
			o.Value.Release()
		}
	}
}

// batchOctets gives the octets of messages that are in memory or that come in a batch, to be released by the caller, and nil for
// others. What it gives has to be released when it fails, too.
func (c *Cache) batchOctets(ctx context.Context, a Account, wants []Want) ([]*Octets, error) {
	got := make([]*Octets, len(wants))
	var keys []key
	for i, w := range wants {
		if got[i] = c.CachedOctets(a, w.Blob); got[i] == nil && w.Size > 0 && w.Size <= BatchOctets {
			keys = append(keys, key{account: a.Key, blob: w.Blob})
		}
	}
	if len(keys) < 2 || !a.Batches() { // the download of one has no base64
		return got, nil
	}
	load := &octetsLoad{cache: c, account: a, wants: wants, own: map[jmap.ID]*Octets{}}
	defer load.release()
	values, err := bulk[*Octets]{c.octets.BulkGet, load.run}.run(ctx, keys)
	if err != nil {
		return got, err
	}
	for i, w := range wants {
		if got[i] != nil {
			continue
		}
		o := load.own[w.Blob]
		if o == nil {
			o = values[key{account: a.Key, blob: w.Blob}]
		}
		if o != nil && o.retain() {
			got[i] = o
		}
	}
	return got, nil
}

// octetsLoad loads octets in batches, and holds on to them: the cache may let go of them before they are used.
type octetsLoad struct {
	cache   *Cache
	account Account
	wants   []Want
	own     map[jmap.ID]*Octets
}

func (l *octetsLoad) run(ctx context.Context, keys []key) (map[key]*Octets, error) {
	wants := sized(l.wants, keys)
	ranges := make([]jmapclient.BlobRange, len(wants))
	for i, w := range wants {
		ranges[i] = jmapclient.BlobRange{Blob: w.Blob, Size: w.Size}
	}
	values := make(map[key]*Octets, len(wants))
	err := l.cache.pieces(ctx, l.account, ranges, func(i int, piece jmapclient.BlobPiece) {
		o := &Octets{data: piece.Octets}
		o.refs.Store(2) // the cache's and ours
		blob := wants[i].Blob
		if old := l.own[blob]; old != nil {
			old.Release()
		}
		l.own[blob] = o
		values[key{account: l.account.Key, blob: blob}] = o
	})
	return values, err
}

func (l *octetsLoad) release() {
	for _, o := range l.own {
		o.Release()
	}
}
