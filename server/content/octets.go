package content

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
)

// Octets are the octets of one message. They stay valid until Release.
type Octets struct {
	data  []byte
	unmap func() // nil where data is ordinary memory
	refs  atomic.Int32
}

// Bytes are the message, not to be changed.
func (o *Octets) Bytes() []byte { return o.data }

// Release gives the octets back; they must not be touched after it.
func (o *Octets) Release() {
	if o.refs.Add(-1) == 0 && o.unmap != nil {
		o.unmap()
	}
}

// retain takes a hold on the octets; it fails when the last one was given up.
func (o *Octets) retain() bool {
	for {
		n := o.refs.Load()
		if n == 0 {
			return false
		}
		if o.refs.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// spoolShare is how many octets on disk weigh as much as one in memory.
const spoolShare = 16

func (o *Octets) weight() uint32 {
	n := len(o.data)
	if o.unmap != nil {
		n /= spoolShare
	}
	return uint32(min(n+256, 1<<31))
}

// ErrTooLarge says that a message is larger than the server is willing to read.
var ErrTooLarge = errors.New("message is too large to read")

// ErrIncomplete says that a message came with another length each time.
var ErrIncomplete = errors.New("message is incomplete")

// read takes a download in: into memory, or into a spool file if it is larger
// than inline.
func read(body io.Reader, inline, limit int64, dir string) (*Octets, error) {
	var head bytes.Buffer
	n, err := io.Copy(&head, io.LimitReader(body, inline+1))
	if err != nil {
		return nil, err
	}
	o := &Octets{data: head.Bytes()}
	if n > inline {
		if o, err = spool(io.MultiReader(&head, body), limit, dir); err != nil {
			return nil, err
		}
	}
	o.refs.Store(1)
	return o, nil
}

// spool reads into a file that has no name and maps it, so that the operating
// system decides how much of it is in memory.
func spool(body io.Reader, limit int64, dir string) (*Octets, error) {
	file, err := os.CreateTemp(dir, "dragoman-message-*")
	if err != nil {
		return nil, fmt.Errorf("spooling a message: %w", err)
	}
	defer file.Close()
	defer os.Remove(file.Name())
	n, err := io.Copy(file, io.LimitReader(body, limit+1))
	if err != nil {
		return nil, err
	}
	if n > limit {
		return nil, ErrTooLarge
	}
	data, unmap, err := mapFile(file, int(n))
	if err != nil {
		return nil, fmt.Errorf("spooling a message: %w", err)
	}
	return &Octets{data: data, unmap: unmap}, nil
}
