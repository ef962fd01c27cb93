package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/dragoman-mail/dragoman/server"
)

// listener is an open port and what happens there.
type listener struct {
	net.Listener
	name     string
	serve    func(net.Listener) error // until it is closed; nil then
	describe func(address string) string
}

// listen opens every port that the options name.
func (s *stack) listen(o *serveOptions, metrics *prometheus.Registry) error {
	plain := func(address string) string { return address + " (STARTTLS)" }
	secure := func(address string) string { return address + " (TLS)" }
	if err := s.open("IMAP", o.imap, plain, imapServing(s.imap.Serve)); err != nil {
		return err
	}
	if err := s.open("IMAPS", o.imaps, secure, imapServing(s.imap.ServeTLS)); err != nil {
		return err
	}
	if store := s.backends.embedded(); store != nil {
		url := func(address string) string { return "http://" + address + "/.well-known/jmap" }
		if err := s.open("JMAP", o.jmapListen, url, s.httpServing(store)); err != nil {
			return err
		}
	}
	url := func(address string) string { return "http://" + address + "/metrics" }
	pages := http.NewServeMux()
	pages.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	return s.open("Metrics", o.metrics, url, s.httpServing(pages))
}

func (s *stack) open(name, address string, describe func(string) string, serve func(net.Listener) error) error {
	if address == "" {
		return nil
	}
	opened, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("%s on %s: %w", name, address, cause(err))
	}
	s.closers = append(s.closers, func() error { _ = opened.Close(); return nil })
	s.listeners = append(s.listeners, listener{opened, name, serve, describe})
	return nil
}

// cause leaves out what net repeats.
func cause(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

func imapServing(serve func(net.Listener) error) func(net.Listener) error {
	return func(l net.Listener) error {
		if err := serve(l); !errors.Is(err, server.ErrClosed) {
			return err
		}
		return nil
	}
}

// httpServing serves HTTP until the stack is closed. Requests under way then have a moment to end; event streams never
// would.
func (s *stack) httpServing(handler http.Handler) func(net.Listener) error {
	web := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	s.closers = append(s.closers, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if web.Shutdown(ctx) != nil {
			_ = web.Close()
		}
		return nil
	})
	return func(l net.Listener) error {
		if err := web.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	}
}
