package server_test

import (
	"io"
	"testing"

	"github.com/dragoman-mail/dragoman/server/servertest"
)

// BenchmarkNoop is one round trip over loopback TCP with a mailbox selected.
func BenchmarkNoop(b *testing.B) {
	s := servertest.New(b, servertest.Options{Unchecked: true})
	c := s.Login()
	b.ReportAllocs()
	for b.Loop() {
		c.OK("NOOP")
	}
}

// BenchmarkNoopPipelined is the cost of a command without the round trip.
func BenchmarkNoopPipelined(b *testing.B) {
	s := servertest.New(b, servertest.Options{Unchecked: true})
	c := s.Login()
	b.ReportAllocs()
	b.ResetTimer()
	go func() {
		for range b.N {
			if _, err := io.WriteString(c.Conn, "a NOOP\r\n"); err != nil {
				return
			}
		}
	}()
	for range b.N {
		c.Next()
	}
}
