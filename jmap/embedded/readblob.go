package embedded

import (
	"bytes"
	"context"
	"io"
	"os"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// in finds the part that the name leads to in the message.
func (n blobName) in(octets []byte) ([]byte, error) {
	if len(n.path) == 0 {
		return octets, nil
	}
	r, err := n.reader(octets)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// reader is in, piece by piece.
func (n blobName) reader(octets []byte) (io.Reader, error) {
	if len(n.path) == 0 {
		return bytes.NewReader(octets), nil
	}
	last := len(n.path) - 1
	for _, number := range n.path[:last] {
		r, err := partReader(octets, number)
		if err != nil {
			return nil, err
		}
		if octets, err = io.ReadAll(r); err != nil {
			return nil, err
		}
	}
	return partReader(octets, n.path[last])
}

// partReader decodes the body of a part of a message.
func partReader(message []byte, number int) (io.Reader, error) {
	for p, n := range numberParts(mime.Parse(message)) {
		if n == number && !p.IsMultipart() {
			return p.Content(), nil
		}
	}
	return nil, errNoBlob
}

// wholeBlob returns the digest of a blob and its size, storing the part of a message that it stands for as
// a file of its own, so that an Email can refer to it. It must not be called within a transaction.
func (b *batch) wholeBlob(a *account, id jmap.ID) (d digest, size int64, err error) {
	name, ok := parseBlobID(b.id(id))
	if !ok {
		return d, 0, errNoBlob
	}
	if size, err = a.blobs.size(name.digest); err != nil {
		return d, 0, a.explain(err, name.digest)
	}
	if len(name.path) == 0 {
		found, err := a.blobs.touch(name.digest, a.store.now())
		if err == nil && !found {
			err = errNoBlob
		}
		return name.digest, size, err
	}
	err = b.withMessage(a, name.digest, size, func(octets []byte) error {
		r, err := name.reader(octets)
		if err == nil {
			d, size, err = a.blobs.put(r, 1<<62, a.store.now())
		}
		return err
	})
	return d, size, a.explain(err, name.digest)
}

// spoolPart puts the decoded part of a message into a file without a name, so that it is not in memory while a client that may be
// slow receives it.
func (a *account) spoolPart(ctx context.Context, name blobName) (f *os.File, err error) {
	if f, err = os.CreateTemp(a.blobs.tmp, ""); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	os.Remove(f.Name()) // where open files cannot be removed, the next start does it
	err = a.withBlob(ctx, name.digest, func(octets []byte) error {
		r, err := name.reader(octets)
		if err == nil {
			_, err = io.Copy(f, r)
		}
		return err
	})
	if err != nil {
		return nil, a.explain(err, name.digest)
	}
	_, err = f.Seek(0, io.SeekStart)
	return f, err
}
