package embedded

import (
	"bytes"
	"io"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// readBlob returns the octets that a blob id stands for. It must not be called within a transaction.
func (a *account) readBlob(id jmap.ID) ([]byte, error) {
	name, ok := parseBlobID(id)
	if !ok {
		return nil, errNoBlob
	}
	octets, err := a.blobs.read(name.digest)
	if err != nil {
		return nil, a.explain(err, name.digest)
	}
	return name.in(octets)
}

// in finds the part that the name leads to in the message.
func (n blobName) in(octets []byte) (content []byte, err error) {
	content = octets
	for _, number := range n.path {
		if content, err = readPart(content, number); err != nil {
			return nil, err
		}
	}
	return content, nil
}

// readPart decodes the body of a part of a message.
func readPart(message []byte, number int) ([]byte, error) {
	for p, n := range numberParts(mime.Parse(message)) {
		if n == number && !p.IsMultipart() {
			return io.ReadAll(p.Content())
		}
	}
	return nil, errNoBlob
}

// wholeBlob returns the digest of a blob, storing the part of a message that it stands for as
// a file of its own, so that an Email can refer to it.
func (a *account) wholeBlob(id jmap.ID) (digest, error) {
	name, ok := parseBlobID(id)
	if !ok {
		return digest{}, errNoBlob
	}
	if len(name.path) == 0 {
		found, err := a.blobs.touch(name.digest, a.store.now())
		if err == nil && !found {
			err = errNoBlob
		}
		return name.digest, err
	}
	octets, err := a.readBlob(id)
	if err != nil {
		return digest{}, err
	}
	d, _, err := a.blobs.put(bytes.NewReader(octets), int64(len(octets)), a.store.now())
	return d, err
}
