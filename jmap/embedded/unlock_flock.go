//go:build unix && !aix && !solaris

package embedded

import (
	"os"
	"syscall"
)

// unlock releases the lock of a bolt file. Closing the file does not, as long as it is mapped.
func unlock(f *os.File) { syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }
