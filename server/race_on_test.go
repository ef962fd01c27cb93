//go:build race

package server_test

// raceEnabled: the race detector makes everything several times slower.
const raceEnabled = true
