// Package need is for tests that need what a machine may lack: they skip with the reason or, with DRAGOMAN_REQUIRE=all in the
// environment, as in .ci/run, fail.
package need

import (
	"os"
	"os/exec"
	"testing"
)

// Program returns the path of a program, looked for in PATH.
func Program(tb testing.TB, name string) string {
	tb.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(tb, "%s is not installed: %v", name, err)
	}
	return path
}

// Missing ends the test for the lack of what the text names.
func Missing(tb testing.TB, format string, args ...any) {
	tb.Helper()
	if os.Getenv("DRAGOMAN_REQUIRE") == "all" {
		tb.Fatalf("DRAGOMAN_REQUIRE=all, but "+format, args...)
	}
	tb.Skipf(format, args...)
}
