//go:build !unix

package content

import (
	"io"
	"os"
)

// mapFile reads the file into memory where it cannot be mapped.
func mapFile(file *os.File, size int) ([]byte, func(), error) {
	data := make([]byte, size)
	_, err := io.ReadFull(io.NewSectionReader(file, 0, int64(size)), data)
	return data, func() {}, err
}
