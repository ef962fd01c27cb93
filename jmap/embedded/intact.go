package embedded

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"
)

// intact remembers which files were found to have the octets that their names stand for, so that the many reads of a large one,
// in ranges, do not each read it from end to end.
type intact struct {
	mu    sync.Mutex
	known map[digest]fileStamp
}

// fileStamp tells a file from what it is after a change.
type fileStamp struct {
	size     int64
	modified time.Time
}

const (
	// rememberFrom is the size from which on it is cheaper to remember than to look again.
	rememberFrom = 256 << 10
	// maxIntact is how many files are remembered.
	maxIntact = 10_000
)

func stampOf(info fs.FileInfo) fileStamp { return fileStamp{info.Size(), info.ModTime()} }

func (i *intact) has(d digest, stamp fileStamp) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.known[d] == stamp && stamp.size > 0
}

func (i *intact) remember(d digest, stamp fileStamp) {
	if stamp.size < rememberFrom {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.known == nil || len(i.known) >= maxIntact {
		i.known = map[digest]fileStamp{}
	}
	i.known[d] = stamp
}

func (i *intact) forget(d digest) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.known, d)
}

// check fails with ErrCorrupt when a file was cut short or overwritten.
func (s *blobs) check(f *os.File, d digest) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	stamp := stampOf(info)
	if s.intact.has(d, stamp) {
		return nil
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(f, 0, stamp.size+1)); err != nil {
		return err
	}
	if digest(sum.Sum(nil)) != d {
		return s.damaged(d)
	}
	s.intact.remember(d, stamp)
	return nil
}

func (s *blobs) damaged(d digest) error { return fmt.Errorf("reading %s: %w", s.path(d), ErrCorrupt) }

// isWhole says whether the blob's file is there and as it should be.
func (s *blobs) isWhole(d digest) bool {
	f, err := s.open(d)
	if err != nil {
		return false
	}
	f.Close()
	return true
}

// errLost is given for a blob that is not there although an Email has it. To call it missing would be to say that the Email was
// destroyed.
var errLost = errors.New("the file of a message is missing")

// explain tells a blob that was lost from one that never was, or that went with its Email. It must not be called within a
// transaction, as it opens one.
func (a *account) explain(err error, d digest) error {
	if !errors.Is(err, errNoBlob) {
		return err
	}
	used := false
	if failed := a.view(func(s *snapshot) error { used = s.blobCount(d) > 0; return nil }); failed != nil {
		return failed
	}
	if _, failed := a.blobs.size(d); used && errors.Is(failed, errNoBlob) {
		return fmt.Errorf("reading %s: %w", a.blobs.path(d), errLost)
	}
	return err
}
