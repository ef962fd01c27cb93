package boltstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"time"

	bolt "github.com/boltdb/bolt"

	"github.com/dragoman-mail/dragoman/server/store"
)

// lockPatience is how long to wait for a file that another process has open.
const lockPatience = time.Second

// openFile opens a bolt file. Every error names the path.
func openFile(path string, o bolt.Options) (db *bolt.DB, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("opening %s: %w", path, err)
		}
	}()
	if err := checkFile(path); err != nil {
		return nil, err
	}
	o.Timeout = lockPatience
	o.FreelistType = bolt.FreelistMapType
	err = guard(func() (err error) {
		db, err = bolt.Open(path, 0o600, &o)
		return err
	})
	switch {
	case errors.Is(err, bolt.ErrTimeout):
		return nil, store.ErrInUse
	case errors.Is(err, bolt.ErrInvalid), errors.Is(err, bolt.ErrChecksum), errors.Is(err, bolt.ErrVersionMismatch):
		return nil, fmt.Errorf("%w: %w", store.ErrDamaged, err)
	}
	return db, err
}

// guard turns what bolt does on a damaged file, a panic or a fault on a page that is not there, into an error.
func guard(work func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%w: %v", store.ErrDamaged, fault)
		}
	}()
	return work()
}

// The layout of bolt's two meta pages, in octets from their start. Numbers are in the byte order of the machine.
const (
	metaOffset    = 16 // behind the page header
	metaMagic     = 0xED0CDAED
	metaVersion   = 2
	metaLength    = 64
	metaPageSize  = 8
	metaHighWater = 40
	metaChecksum  = 56
	smallestPage  = 1024
	largestPage   = 1 << 20
)

// checkFile finds out whether a file is shorter than bolt left it, before bolt maps it into memory.
func checkFile(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() == 0 {
		return nil // bolt makes a new one of it
	}
	need, ok := neededSize(f)
	if !ok {
		return fmt.Errorf("%w: it has no valid header", store.ErrDamaged)
	}
	if info.Size() < need {
		return fmt.Errorf("%w: it has %d of %d octets", store.ErrDamaged, info.Size(), need)
	}
	return nil
}

// neededSize reads the meta pages and returns the size up to which pages are in use; false when neither is valid.
func neededSize(f io.ReaderAt) (int64, bool) {
	if size, pageSize, ok := readMeta(f, 0); ok {
		if second, _, ok := readMeta(f, pageSize); ok {
			return max(size, second), true
		}
		return size, true
	}
	for pageSize := int64(smallestPage); pageSize <= largestPage; pageSize *= 2 {
		if size, own, ok := readMeta(f, pageSize); ok && own == pageSize {
			return size, true
		}
	}
	return 0, false
}

func readMeta(f io.ReaderAt, offset int64) (size, pageSize int64, ok bool) {
	var m [metaLength]byte
	if _, err := f.ReadAt(m[:], offset+metaOffset); err != nil {
		return 0, 0, false
	}
	order := binary.NativeEndian
	sum := fnv.New64a()
	sum.Write(m[:metaChecksum])
	pageSize = int64(order.Uint32(m[metaPageSize:]))
	if order.Uint32(m[:]) != metaMagic || order.Uint32(m[4:]) != metaVersion || sum.Sum64() != order.Uint64(m[metaChecksum:]) ||
		pageSize < smallestPage || pageSize > largestPage {
		return 0, 0, false
	}
	return int64(order.Uint64(m[metaHighWater:])) * pageSize, pageSize, true
}
