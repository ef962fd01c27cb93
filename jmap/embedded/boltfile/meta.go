package boltfile

import (
	"encoding/binary"
	"hash/fnv"
	"io"
	"math"
)

// The meta pages of a bolt file: page 0 and 1, each a page header and then the meta. Numbers are in the byte order of
// the machine.
const (
	magic      = 0xED0CDAED
	version    = 2
	pageHeader = 16
	metaSize   = 64
	checksumAt = 56
	minPage    = 1 << 10
	maxPage    = 64 << 10
)

// metaOffsets are where a meta page can lie: at 0, and at the page size, which is a power of two.
var metaOffsets = []int64{0, minPage, 2 << 10, 4 << 10, 8 << 10, 16 << 10, 32 << 10, maxPage}

type meta struct {
	pageSize, pages int64
	tx              uint64
}

func readMeta(f io.ReaderAt, offset int64) (meta, bool) {
	var buf [metaSize]byte
	if _, err := f.ReadAt(buf[:], offset+pageHeader); err != nil {
		return meta{}, false
	}
	order := binary.NativeEndian
	sum := fnv.New64a()
	sum.Write(buf[:checksumAt])
	if order.Uint32(buf[0:]) != magic || order.Uint32(buf[4:]) != version || order.Uint64(buf[checksumAt:]) != sum.Sum64() {
		return meta{}, false
	}
	m := meta{pageSize: int64(order.Uint32(buf[8:])), pages: int64(order.Uint64(buf[40:])), tx: order.Uint64(buf[48:])}
	return m, m.pageSize >= minPage && m.pageSize <= maxPage && m.pages > 0 && m.pages <= math.MaxInt64/maxPage
}
