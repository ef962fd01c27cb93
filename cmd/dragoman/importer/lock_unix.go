//go:build unix

package importer

import (
	"os"

	"golang.org/x/sys/unix"
)

// lock fails when another process has the file locked. The lock ends with the process.
func lock(file *os.File) error { return unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) }
