package cyrustest

import (
	"context"
	"os"
	"testing"
)

// Stop ends Cyrus with all connections, and keeps its mail for Restart. Other tests that share the server would miss it: a
// test that stops one starts it with a setting that no other has, such as "syslog_prefix: outage".
func (s *Server) Stop(tb testing.TB) {
	tb.Helper()
	s.stop(true)
	s.stop = func(keep bool) {
		if !keep {
			_ = os.RemoveAll(s.Dir)
		}
	}
}

// Restart starts a stopped Cyrus again, under the same addresses.
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	end, err := s.run(ctx)
	if err != nil {
		tb.Fatalf("starting Cyrus again: %v", err)
	}
	s.stop = end
}
