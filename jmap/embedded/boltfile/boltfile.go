// Package boltfile looks at a bolt file before bolt maps it into memory: reading beyond the end of a mapped file
// kills the process.
package boltfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// ErrDamaged says that a file is shorter than bolt left it, or is not bolt's.
var ErrDamaged = errors.New("not a whole bolt file")

// Check fails with ErrDamaged when a file is not as long as its meta pages say. A file that does not exist, or is
// empty as after a crash at its making, is in order.
func Check(path string) error {
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
	if info.IsDir() {
		return fmt.Errorf("%w: it is a directory", ErrDamaged)
	}
	if info.Size() == 0 {
		return nil
	}
	need, err := Size(f)
	if err != nil {
		return err
	}
	if info.Size() < need {
		return fmt.Errorf("%w: it has %d octets of %d", ErrDamaged, info.Size(), need)
	}
	return nil
}

// Size returns how many octets the newest valid meta page vouches for. It fails with ErrDamaged when neither is valid.
func Size(f io.ReaderAt) (int64, error) {
	pageSize := int64(0)
	best, bestTx := int64(0), uint64(0)
	for _, offset := range metaOffsets {
		m, ok := readMeta(f, offset)
		if !ok || pageSize != 0 && m.pageSize != pageSize || offset != 0 && offset != m.pageSize {
			continue
		}
		pageSize = m.pageSize
		if best == 0 || m.tx > bestTx {
			best, bestTx = m.pages*m.pageSize, m.tx
		}
	}
	if best == 0 {
		return 0, fmt.Errorf("%w: it has no valid meta page", ErrDamaged)
	}
	return best, nil
}
