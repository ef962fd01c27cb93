package boltstore

import (
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	bolt "github.com/boltdb/bolt"

	"github.com/dragoman-mail/dragoman/jmap/embedded/boltfile"
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
	switch err := boltfile.Check(path); {
	case errors.Is(err, boltfile.ErrDamaged):
		return nil, fmt.Errorf("%w: %w", store.ErrDamaged, err)
	case err != nil:
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
