package embedded

import (
	"context"

	"golang.org/x/sync/semaphore"
)

const (
	// maxMessageMemory bounds the octets of large messages that are in memory at the same time.
	maxMessageMemory = 512 << 20
	// smallMessage is what does not count.
	smallMessage = 1 << 20
)

// messageMemory makes requests for large messages wait for each other.
type messageMemory struct{ *semaphore.Weighted }

func newMessageMemory() messageMemory {
	return messageMemory{semaphore.NewWeighted(maxMessageMemory)}
}

// withBlob reads a blob and gives it to f, which must not keep it. It waits while too many large
// ones are in memory.
func (a *account) withBlob(ctx context.Context, d digest, f func([]byte) error) error {
	size, err := a.blobs.size(d)
	if err != nil {
		return err
	}
	if size > smallMessage {
		weight := min(size, maxMessageMemory)
		if err := a.store.memory.Acquire(ctx, weight); err != nil {
			return err
		}
		defer a.store.memory.Release(weight)
	}
	octets, err := a.blobs.read(d)
	if err != nil {
		return err
	}
	return f(octets)
}
