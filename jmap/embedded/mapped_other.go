//go:build !unix

package embedded

import (
	"io"
	"os"
)

// mapFile reads the file where it cannot be mapped.
func mapFile(f *os.File, size int64) (octets []byte, release func(), err error) {
	octets = make([]byte, size)
	_, err = io.ReadFull(io.NewSectionReader(f, 0, size), octets)
	return octets, func() {}, err
}
