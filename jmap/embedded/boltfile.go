package embedded

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	bolt "github.com/boltdb/bolt"

	"github.com/dragoman-mail/dragoman/jmap/embedded/boltfile"
)

const (
	// lockWait is how long Open waits for a process that is just about to end.
	lockWait = time.Second
	// reserve is the address space that a bolt file gets, so that it does not have to be
	// mapped anew, which waits for all readers, until it is larger than that.
	reserve = 1 << 30
	// schemaVersion counts the layouts of the data.
	schemaVersion = 1
)

var (
	bucketMeta = []byte("meta")
	keyVersion = []byte("version")
)

// openBolt opens a bolt file, after a check, and makes the buckets.
func openBolt(path string, buckets ...[]byte) (*bolt.DB, error) {
	if err := boltfile.Check(path); err != nil {
		return nil, inFile(path, err)
	}
	var db *bolt.DB
	var file *os.File
	err := guard(func() (err error) {
		db, err = bolt.Open(path, 0o600, &bolt.Options{
			Timeout: lockWait, InitialMmapSize: reserve, FreelistType: bolt.FreelistMapType,
			OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
				file, err = os.OpenFile(name, flag, mode)
				return file, err
			},
		})
		return err
	})
	if errors.Is(err, errFault) && file != nil {
		unlock(file) // as bolt does not when it panics
		file.Close()
	}
	if errors.Is(err, bolt.ErrTimeout) {
		return nil, fmt.Errorf("opening %s: %w; stop that process or choose another directory", path, ErrInUse)
	}
	if errors.Is(err, bolt.ErrInvalid) || errors.Is(err, bolt.ErrChecksum) || errors.Is(err, bolt.ErrVersionMismatch) {
		return nil, damaged(path, err.Error())
	}
	if err != nil {
		return nil, inFile(path, err)
	}
	if err := prepare(db, path, buckets); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// prepare checks the version of the data, and makes what is missing.
func prepare(db *bolt.DB, path string, buckets [][]byte) error {
	err := guard(func() error {
		return db.Update(func(tx *bolt.Tx) error {
			meta, err := tx.CreateBucketIfNotExists(bucketMeta)
			if err != nil {
				return err
			}
			switch found := meta.Get(keyVersion); {
			case found == nil:
				if err := meta.Put(keyVersion, binary.BigEndian.AppendUint64(nil, schemaVersion)); err != nil {
					return err
				}
			case len(found) != 8:
				return errFault
			case binary.BigEndian.Uint64(found) > schemaVersion:
				return fmt.Errorf("%w (%d; this one knows %d)", ErrVersion, binary.BigEndian.Uint64(found), schemaVersion)
			}
			for _, name := range buckets {
				if _, err := tx.CreateBucketIfNotExists(name); err != nil {
					return err
				}
			}
			return nil
		})
	})
	switch {
	case errors.Is(err, ErrVersion):
		return fmt.Errorf("opening %s: %w; use the newer version of the program", path, err)
	case err != nil:
		return inFile(path, err)
	}
	return nil
}

// inFile says which file an error is about, and what to do when the file is damaged.
func inFile(path string, err error) error {
	if errors.Is(err, errFault) || errors.Is(err, ErrCorrupt) || errors.Is(err, boltfile.ErrDamaged) {
		return damaged(path, err.Error())
	}
	return fmt.Errorf("opening %s: %w", path, err)
}

func damaged(path, what string) error {
	return fmt.Errorf("opening %s: %w (%s); put a backup in its place, or move it away to begin anew", path, ErrCorrupt, what)
}

// errFault is a panic within bolt, or a read beyond the end of its file.
var errFault = errors.New("reading the database failed")

// guard turns panics of bolt over a damaged file into errors, faults of the memory map included.
func guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%w: %v", errFault, v)
		}
	}()
	return f()
}
