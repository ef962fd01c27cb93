package server

import (
	"context"
	"time"
)

// lastWords is how long BYE may take to those whose message was waited for in vain.
const lastWords = time.Second

// Shutdown closes the listeners, lets the commands that run end and says BYE to every client. When ctx ends before
// that, those that wait for a message say BYE, the others are cut, and its error is returned.
func (s *Server) Shutdown(ctx context.Context) error {
	s.drain()
	done := make(chan struct{})
	go func() {
		s.idle.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	s.hurry.Do(func() { close(s.hurrying) })
	select {
	case <-done:
	case <-time.After(lastWords):
		s.cut()
		<-done
	}
	return ctx.Err()
}

func (s *Server) drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed() {
		close(s.draining)
	}
	for l := range s.listeners {
		l.Close()
	}
}

func (s *Server) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.cut()
	}
}
