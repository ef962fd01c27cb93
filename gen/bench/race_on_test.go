//go:build race

package bench_test

// raceOn says that the race detector is on, which makes sync.Pool lose things at random.
const raceOn = true
