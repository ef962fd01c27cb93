package embedded

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
)

// The meta pages of a bolt file: page 0 and 1, each a page header and then the meta.
const (
	boltMagic      = 0xED0CDAED
	boltVersion    = 2
	boltPageHeader = 16
	boltMetaSize   = 64
	boltMaxPage    = 64 << 10
)

// checkBoltFile looks at the size and the meta pages of a bolt file before bolt maps it into
// memory: reading beyond the end of a mapped file kills the process. A file that does not
// exist, or is empty as after a crash at its making, is in order.
func checkBoltFile(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	if info.IsDir() {
		return damaged(path, "it is a directory")
	}
	if info.Size() == 0 {
		return nil
	}
	need, err := boltSize(f)
	if err != nil {
		return damaged(path, err.Error())
	}
	if info.Size() < need {
		return damaged(path, fmt.Sprintf("it has %d octets of %d", info.Size(), need))
	}
	return nil
}

func damaged(path, what string) error {
	return fmt.Errorf("opening %s: %w (%s); put a backup in its place, or move it away to begin anew", path, ErrCorrupt, what)
}

// boltSize returns how many octets the newest valid meta page vouches for.
func boltSize(f io.ReaderAt) (int64, error) {
	pageSize := int64(0)
	best, bestTx := int64(0), uint64(0)
	for _, offset := range metaOffsets {
		m, ok := readBoltMeta(f, offset)
		if !ok || pageSize != 0 && m.pageSize != pageSize || offset != 0 && offset != m.pageSize {
			continue
		}
		pageSize = m.pageSize
		if best == 0 || m.tx > bestTx {
			best, bestTx = m.pages*m.pageSize, m.tx
		}
	}
	if best == 0 {
		return 0, errors.New("it has no valid meta page")
	}
	return best, nil
}

// metaOffsets are where a meta page can lie: at 0, and at the page size, which is a power of two.
var metaOffsets = []int64{0, 1 << 10, 2 << 10, 4 << 10, 8 << 10, 16 << 10, 32 << 10, boltMaxPage}

type boltMeta struct {
	pageSize, pages int64
	tx              uint64
}

func readBoltMeta(f io.ReaderAt, offset int64) (boltMeta, bool) {
	var buf [boltMetaSize]byte
	if _, err := f.ReadAt(buf[:], offset+boltPageHeader); err != nil {
		return boltMeta{}, false
	}
	order := binary.NativeEndian
	sum := fnv.New64a()
	sum.Write(buf[:boltMetaSize-8])
	if order.Uint32(buf[0:]) != boltMagic || order.Uint32(buf[4:]) != boltVersion || order.Uint64(buf[56:]) != sum.Sum64() {
		return boltMeta{}, false
	}
	m := boltMeta{pageSize: int64(order.Uint32(buf[8:])), pages: int64(order.Uint64(buf[40:])), tx: order.Uint64(buf[48:])}
	return m, m.pageSize >= 1<<10 && m.pageSize <= boltMaxPage && m.pages > 0
}
