package server

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/server/mailbox"
)

// mayReportProgress tells whether INPROGRESS is announced. Where it is not, an untagged OK without a code keeps clients from giving up: they
// all take one at any time (RFC 9051 section 7.1.1, RFC 3501 section 7.1.1).
var mayReportProgress = features&imap.FeatureINPROGRESS != 0

// patiently does work that may take long, such as the first load of a mailbox, and lets the client know from time to time that it goes on. work
// must not write to the client.
func patiently[T any](ctx context.Context, s *session, work func(context.Context) (T, error)) (T, error) {
	meter := &mailbox.Meter{}
	ctx, cancel := context.WithCancel(mailbox.WithMeter(ctx, meter))
	defer cancel()
	done := make(chan outcome[T], 1)
	go func() {
		var got outcome[T]
		defer func() {
			if cause := recover(); cause != nil {
				got.panicked = fmt.Sprintf("%v\n%s", cause, debug.Stack())
			}
			done <- got
		}()
		got.value, got.err = work(ctx)
	}()
	pause := time.NewTimer(s.server.limits.Progress)
	defer pause.Stop()
	var gone error
	for {
		select {
		case got := <-done:
			if got.panicked != nil {
				panic(got.panicked)
			}
			if gone != nil {
				return got.value, gone
			}
			return got.value, got.err
		case <-pause.C:
			if gone = s.progress(meter); gone != nil {
				cancel()
				continue
			}
			pause.Reset(s.server.limits.Progress)
		}
	}
}

// wait is patiently for work without a result.
func (s *session) wait(ctx context.Context, work func(context.Context) error) error {
	_, err := patiently(ctx, s, func(ctx context.Context) (struct{}, error) { return struct{}{}, work(ctx) })
	return err
}

// progress tells the client that the command goes on, and how far it is.
func (s *session) progress(meter *mailbox.Meter) error {
	notice := progressNotice(s.tag, meter.Progress)
	if !mayReportProgress {
		notice.Code = nil
	}
	if err := s.send(notice); err != nil {
		return err
	}
	return s.encoder.Flush()
}

// progressNotice follows RFC 9585 section 4.
func progressNotice(tag string, progress func() (done, total int, ok bool)) *imap.Cond {
	text, code := "Still working", &imap.CodeInProgress{}
	if !strings.Contains(tag, "]") {
		code.Tag = imap.String(tag)
	}
	if done, total, ok := progress(); ok {
		text = fmt.Sprintf("Looked at %d of %d messages", done, total)
		current, goal := uint32(done), uint32(total)
		code.Current, code.Goal = &current, &goal
	}
	return &imap.Cond{Status: imap.OK, Code: code, Text: text}
}
