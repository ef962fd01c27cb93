//go:build unix

package embedded

import (
	"os"

	"golang.org/x/sys/unix"
)

// mapFile gives the octets of a file without a copy of them.
func mapFile(f *os.File, size int64) (octets []byte, release func(), err error) {
	if octets, err = unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_SHARED); err != nil {
		return nil, nil, &os.PathError{Op: "mmap", Path: f.Name(), Err: err}
	}
	return octets, func() { unix.Munmap(octets) }, nil
}
