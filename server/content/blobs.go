package content

import (
	"context"
	"errors"
	"net/http"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
)

// Batcher is a Source that may give octets of many blobs in one request. *jmapclient.Session is one.
type Batcher interface {
	HasBlobGet(account jmap.ID) bool
	Blobs(ctx context.Context, account jmap.ID, ranges []jmapclient.BlobRange) ([]jmapclient.BlobPiece, error)
}

// Batches reports whether messages of the account come many at a time. Else each is a download of its own.
func (a Account) Batches() bool {
	b, ok := a.Source.(Batcher)
	return ok && b.HasBlobGet(a.ID)
}

// pieces gives take the octets that the server has given of each range, in batches of which no more are in memory than the
// budget has room for. What it has not given is left out.
func (c *Cache) pieces(ctx context.Context, a Account, ranges []jmapclient.BlobRange, take func(i int, piece jmapclient.BlobPiece)) error {
	if !a.Batches() {
		return nil
	}
	for first := 0; first < len(ranges); {
		end, octets := batchEnd(ranges, first)
		if err := c.batch(ctx, a, ranges[first:end], octets, func(i int, piece jmapclient.BlobPiece) { take(first+i, piece) }); err != nil {
			return err
		}
		first = end
	}
	return nil
}

// batch gets a batch of so many octets.
func (c *Cache) batch(ctx context.Context, a Account, ranges []jmapclient.BlobRange, octets int64, take func(int, jmapclient.BlobPiece)) error {
	weight := min(octets*answerCopies, c.options.InFlight)
	if err := c.inFlight.Acquire(ctx, weight); err != nil {
		return err
	}
	defer c.inFlight.Release(weight)
	pieces, err := a.Source.(Batcher).Blobs(ctx, a.ID, ranges)
	if Broken(err) { // perhaps at one message of the batch: its download will tell
		return nil
	}
	if err != nil {
		return err
	}
	for i, piece := range pieces {
		if piece.Err == nil {
			take(i, piece)
		}
	}
	return nil
}

// answerCopies is how often the octets of a batch are in memory at the same time: as they are, in base64, and in the answer.
const answerCopies = 4

// batchEnd is where a batch that begins at first ends, and how many octets it has.
func batchEnd(ranges []jmapclient.BlobRange, first int) (end int, octets int64) {
	for end = first; end < len(ranges) && end < first+jmapclient.MaxBlobs; end++ {
		n := ranges[end].Length
		if n == 0 {
			n = ranges[end].Size
		}
		if end > first && octets+n > jmapclient.MaxBlobOctets {
			break
		}
		octets += n
	}
	return end, octets
}

// Gone tells whether a message has no octets any more: it was destroyed.
func Gone(err error) bool { return errors.Is(err, jmapclient.ErrNotFound) }

// Broken tells whether the JMAP server works but failed at this, as at a message whose file is damaged.
func Broken(err error) bool {
	var failure *jmapclient.UnavailableError
	return errors.As(err, &failure) && failure.Status == http.StatusInternalServerError
}
