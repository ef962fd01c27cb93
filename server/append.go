package server

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"time"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/imap/parser"
	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/server/mailbox"
	"github.com/dragoman-mail/dragoman/server/wire"
)

// pendingUpload is a message that is on the server but in no mailbox yet.
type pendingUpload struct {
	blob   proto.ID
	digest [sha256.Size]byte
}

// maxArguments is how many literals of a command are no message before the rest is taken for arguments, too. To tell
// the line has to be parsed from its beginning, which a client could have done for each of a thousand literals. Of an
// APPEND the mailbox is the only literal that stands before the message.
const maxArguments = 4

// message tells whether the literal that is announced is the message of an APPEND.
func (s *session) message() (*imap.AppendStart, bool) {
	if s.arguments >= maxArguments {
		return nil, false
	}
	start, ok := parser.AppendStart(s.framer.Prefix(), s.framer.Literals(), features)
	if !ok {
		s.arguments++
	}
	return start, ok
}

// receive streams the message literal of an APPEND to the JMAP server as it comes. What can be refused before the message is sent
// is refused then.
func (s *session) receive(run *running, start *imap.AppendStart) error {
	s.tag, s.appending = start.Tag, true
	if err := s.mayReceive(run.ctx, start); err != nil {
		s.framer.Reject(err)
		return nil
	}
	if err := s.permit(); err != nil {
		return err
	}
	size := s.framer.Wanted().Size
	sum := sha256.New()
	octets := io.TeeReader(s.framer.Stream(), sum)
	uploaded, err := s.login.Session.Upload(run.ctx, s.account.ID(), "message/rfc822", octets, size)
	switch {
	case err == nil:
		s.upload = &pendingUpload{blob: uploaded.BlobID, digest: [sha256.Size]byte(sum.Sum(nil))}
	case clientLeft(err):
		return err
	default:
		s.framer.Reject(err)
	}
	return nil
}

// mayReceive checks what is known of the message before its octets come (RFC 9051 section 6.3.12).
func (s *session) mayReceive(ctx context.Context, start *imap.AppendStart) error {
	size := s.framer.Wanted().Size
	switch limit := s.login.Session.Limits().MaxSizeUpload; {
	case s.upload != nil:
		return bad("APPEND takes one message")
	case size == 0:
		return no(imap.CodeCannot, "A message must not be empty")
	case size > limit:
		return no(imap.CodeTooBig, "A message may have %d octets", limit)
	}
	_, err := s.target(ctx, start.Mailbox)
	return err
}

// clientLeft tells a failure to read from the client from a failure of the JMAP server, which may have been cut off in just the same way.
func clientLeft(err error) bool {
	if errors.Is(err, jmapclient.ErrUnavailable) {
		return false
	}
	for _, gone := range []error{io.ErrUnexpectedEOF, wire.ErrIdle, wire.ErrStopped, net.ErrClosed} {
		if errors.Is(err, gone) {
			return true
		}
	}
	return false
}

// Append follows RFC 9051 section 6.3.12. The message has been uploaded already, see receive.
func (s *session) Append(ctx context.Context, c *imap.Append) error {
	if s.upload == nil {
		return bad("APPEND needs its message as a literal")
	}
	box, err := s.target(ctx, c.Mailbox)
	if err != nil {
		return err
	}
	message := &c.Messages[0] // MULTIAPPEND is off
	item := mailbox.ImportItem{BlobID: s.upload.blob, Flags: message.Flags, ReceivedAt: time.Now(), Digest: s.upload.digest}
	if message.Date != nil {
		item.ReceivedAt = *message.Date
	}
	result, err := patiently(ctx, s, func(ctx context.Context) (*mailbox.ImportResult, error) {
		return s.account.Import(ctx, box, []mailbox.ImportItem{item})
	})
	if err != nil {
		return tryCreate(err)
	}
	s.completed(&imap.CodeAppendUID{UIDValidity: result.UIDValidity, UIDs: setOf(result.UIDs)}, "APPEND completed")
	return s.tellName(c.Mailbox, box)
}
