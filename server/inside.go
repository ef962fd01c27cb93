package server

import (
	"context"
	"errors"
	"net/http"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
	"github.com/dragoman-mail/dragoman/server/content"
	"github.com/dragoman-mail/dragoman/server/mailbox"
	"github.com/dragoman-mail/dragoman/server/message"
)

// inside is what was loaded of a message's content.
type inside struct {
	digest  *message.Digest
	octets  *content.Octets // nil unless needed
	parsed  *mime.Message   // of octets, once asked for
	missing bool            // the message is gone
	failed  error           // the message is there, but cannot be read
}

func (in *inside) release() {
	if in.octets != nil {
		in.octets.Release()
		in.octets = nil
	}
}

// message is the parsed message; its octets must have been loaded.
func (in *inside) message() *mime.Message {
	if in.parsed == nil {
		in.parsed = mime.Parse(in.octets.Bytes())
	}
	return in.parsed
}

// section gives the octets of BODY[section].
func (in *inside) section(s imap.Section) (octets []byte, found bool) {
	if in.octets == nil {
		return in.digest.Section(s)
	}
	if len(s.Part) == 0 && s.Text == imap.SectionWhole {
		return in.octets.Bytes(), true
	}
	return message.Section(in.message(), s)
}

// inside loads what is needed of a message. A header that is too long for the digest takes the octets.
func (s *session) inside(ctx context.Context, m mailbox.Message, needs need) (in *inside, err error) {
	in = &inside{}
	defer func() {
		if err != nil {
			in.release()
		}
	}()
	if needs&needsOctets != 0 {
		if in.octets, err = s.octets(ctx, m); err != nil {
			return in, err
		}
	}
	if needs&needsDigest != 0 {
		if in.digest, err = s.digest(ctx, m); err != nil {
			return in, err
		}
		if in.octets == nil && !in.digest.HeaderWhole {
			in.octets, err = s.octets(ctx, m)
		}
	}
	return in, err
}

// cached is inside without loading anything.
func (s *session) cached(blob jmap.ID, needs need) (*inside, bool) {
	in := &inside{}
	from := s.source(0)
	if needs&needsDigest != 0 {
		if in.digest = s.server.config.Content.CachedDigest(from, blob); in.digest == nil {
			return nil, false
		}
	}
	if needs&needsOctets != 0 || !in.digest.HeaderWhole {
		if in.octets = s.server.config.Content.CachedOctets(from, blob); in.octets == nil {
			return nil, false
		}
	}
	return in, true
}

func (s *session) digest(ctx context.Context, m mailbox.Message) (*message.Digest, error) {
	return s.server.config.Content.Digest(ctx, s.source(m.Size), m.BlobID)
}

func (s *session) octets(ctx context.Context, m mailbox.Message) (*content.Octets, error) {
	return s.server.config.Content.Octets(ctx, s.source(m.Size), m.BlobID)
}

// source is where a message of a size comes from; 0 is none that is known.
func (s *session) source(size int64) content.Account {
	return content.Account{Key: s.account.Key(), ID: s.account.ID(), Source: s.login.Session, Size: size}
}

// gone tells whether a message has no octets any more: it was destroyed.
func gone(err error) bool { return errors.Is(err, jmapclient.ErrNotFound) }

// broken tells whether the JMAP server works but failed at this, as at a message whose file is damaged.
func broken(err error) bool {
	var failure *jmapclient.UnavailableError
	return errors.As(err, &failure) && failure.Status == http.StatusInternalServerError
}

// messageContent gives a search the content of one message.
type messageContent struct {
	session *session
	of      mailbox.Message
	octets  *content.Octets
}

// Header implements search.Content.
func (c *messageContent) Header(ctx context.Context) (mime.Header, error) {
	digest, err := c.session.digest(ctx, c.of)
	if err != nil {
		return nil, err
	}
	if digest.HeaderWhole {
		return digest.Header, nil
	}
	m, err := c.Message(ctx)
	if err != nil {
		return nil, err
	}
	return m.Header(), nil
}

// Message implements search.Content.
func (c *messageContent) Message(ctx context.Context) (*mime.Message, error) {
	if c.octets == nil {
		octets, err := c.session.octets(ctx, c.of)
		if err != nil {
			return nil, err
		}
		c.octets = octets
	}
	return mime.Parse(c.octets.Bytes()), nil
}

func (c *messageContent) release() {
	if c.octets != nil {
		c.octets.Release()
	}
}
