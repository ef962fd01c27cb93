package embedded

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"golang.org/x/sync/semaphore"

	"github.com/dragoman-mail/dragoman/generated/jmap"
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

// withBlob reads a blob and gives it to f, which must not keep any of it: it may be a file that is mapped until f returns. It waits
// while too many large ones are in memory.
func (a *account) withBlob(ctx context.Context, d digest, f func([]byte) error) error {
	size, err := a.blobs.size(d)
	if err != nil {
		return err
	}
	if size <= smallMessage {
		octets, err := a.blobs.read(d)
		if err != nil {
			return err
		}
		return f(octets)
	}
	weight := min(size, maxMessageMemory)
	if err := a.store.memory.Acquire(ctx, weight); err != nil {
		return err
	}
	defer a.store.memory.Release(weight)
	return a.blobs.mapped(d, f)
}

// mapped gives f the octets of a large file without a copy of them, which would stay until garbage is collected.
func (s *blobs) mapped(d digest, f func([]byte) error) error {
	file, err := s.open(d)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	octets, release, err := mapFile(file, info.Size())
	if err != nil {
		return err
	}
	defer release()
	return s.untilFault(d, func() error { return f(octets) })
}

// untilFault makes an error of a read beyond the end of a mapped file, as when it is cut short in this moment.
func (s *blobs) untilFault(d digest, f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		v := recover()
		fault, ok := v.(interface{ Addr() uintptr })
		switch {
		case ok && fault.Addr() != 0:
			err = fmt.Errorf("%w (%v)", s.damaged(d), v)
		case v != nil:
			panic(v)
		}
	}()
	return f()
}

// withMessage gives f the message of an Email and counts it against what the request may read.
func (b *batch) withMessage(a *account, d digest, size int64, f func([]byte) error) error {
	if err := b.spend(size); err != nil {
		return err
	}
	if b.ctx.Err() != nil {
		return methodError(jmap.MethodErrorServerUnavailable, "the request was given up")
	}
	return a.withBlob(b.ctx, d, f)
}

// withContent gives f what a blob id stands for, likewise. It must not be called within a transaction.
func (b *batch) withContent(a *account, id jmap.ID, f func([]byte) error) error {
	name, ok := parseBlobID(id)
	if !ok {
		return errNoBlob
	}
	size, err := a.blobs.size(name.digest)
	if err == nil {
		err = b.withMessage(a, name.digest, size, func(octets []byte) error {
			content, err := name.in(octets)
			if err != nil {
				return err
			}
			return f(content)
		})
	}
	if errors.Is(err, errNoBlob) {
		return a.explain(err, name.digest)
	}
	return err
}
