//go:build unix

package bench_test

import (
	"syscall"
	"time"
)

// cpuTime gives the processor time of the process, that of all its goroutines and of the
// garbage collector.
func cpuTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
