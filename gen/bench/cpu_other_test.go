//go:build !unix

package bench_test

import "time"

// cpuTime is not known here: the figures are 0.
func cpuTime() time.Duration { return 0 }
