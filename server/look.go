package server

import (
	"context"

	"github.com/dragoman-mail/dragoman/jmap/mime"
	"github.com/dragoman-mail/dragoman/server/content"
	"github.com/dragoman-mail/dragoman/server/mailbox"
	"github.com/dragoman-mail/dragoman/server/search"
)

// candidate is a message whose content decides.
type candidate struct {
	meta    search.Meta
	message mailbox.Message
}

func (c *candidate) want() content.Want {
	return content.Want{Blob: c.message.BlobID, Email: c.message.EmailID, Size: c.message.Size}
}

// look is a search's look into messages.
type look struct {
	session         *session
	query           *search.Query
	open            []candidate
	header, message bool // what the query may need
}

func (s *session) newLook(query *search.Query, open []candidate) *look {
	l := &look{session: s, query: query, open: open}
	l.header, l.message = query.Needs()
	return l
}

// cached tells whether a message matches where the header decides and is at hand.
func (l *look) cached(ctx context.Context, i int) (match, known bool) {
	c := &l.open[i]
	digest := l.session.server.config.Content.CachedFields(l.session.source(), c.message.BlobID)
	if digest == nil || !digest.HeaderWhole {
		return false, false
	}
	return l.query.WithHeader(ctx, &c.meta, digest.Header)
}

// windowEnd is where a window of candidates ends. Where headers may decide, no more than those is loaded of all.
func (l *look) windowEnd(first int) int {
	needs := needsOctets
	if l.header {
		needs = needsFields
	}
	return l.session.windowEnd(first, len(l.open), needs, func(i int) int64 { return needs.octetsFor(l.open[i].message.Size) })
}

// window tells which candidates of a window match.
func (l *look) window(ctx context.Context, first, end int) ([]bool, error) {
	matches := make([]bool, end-first)
	rest := make([]int, 0, end-first)
	for i := first; i < end; i++ {
		rest = append(rest, i)
	}
	note := func(i int, match bool) { matches[i-first] = match }
	if l.header {
		var err error
		if rest, err = l.inHeaders(ctx, rest, note); err != nil {
			return nil, err
		}
	}
	for len(rest) > 0 {
		n := l.session.windowEnd(0, len(rest), needsOctets, func(k int) int64 { return l.open[rest[k]].message.Size })
		if err := l.inMessages(ctx, rest[:n], note); err != nil {
			return nil, err
		}
		rest = rest[n:]
	}
	return matches, nil
}

func (l *look) wants(list []int) []content.Want {
	wants := make([]content.Want, len(list))
	for k, i := range list {
		wants[k] = l.open[i].want()
	}
	return wants
}

// inHeaders notes which messages match, and returns those whose header does not decide. A message that was removed by somebody
// else since matches nothing.
func (l *look) inHeaders(ctx context.Context, list []int, note func(int, bool)) (rest []int, err error) {
	digests, err := l.session.server.config.Content.FieldsOf(ctx, l.session.source(), l.wants(list))
	if err != nil {
		return nil, err
	}
	for k, i := range list {
		got := digests[k]
		switch {
		case content.Gone(got.Err):
			continue
		case got.Err != nil:
			return nil, got.Err
		}
		known := false
		if got.Value.HeaderWhole {
			var match bool
			if match, known = l.query.WithHeader(ctx, &l.open[i].meta, got.Value.Header); known {
				note(i, match)
			}
		}
		if !known {
			rest = append(rest, i)
		}
	}
	return rest, ctx.Err()
}

// inMessages notes which messages match, likewise.
func (l *look) inMessages(ctx context.Context, list []int, note func(int, bool)) error {
	loaded, err := l.session.server.config.Content.OctetsOf(ctx, l.session.source(), l.wants(list))
	defer func() {
		for _, got := range loaded {
			if got.Value != nil {
				got.Value.Release()
			}
		}
	}()
	if err != nil {
		return err
	}
	return inParallel(len(list), func(k int) error {
		if got := loaded[k]; got.Err != nil {
			if content.Gone(got.Err) {
				return nil
			}
			return got.Err
		}
		match, err := l.query.Match(ctx, &l.open[list[k]].meta, wholeMessage{mime.Parse(loaded[k].Value.Bytes())})
		if err == nil {
			note(list[k], match)
		}
		return err
	})
}

// wholeMessage is a message as a search looks at it.
type wholeMessage struct{ message *mime.Message }

// Header implements search.Content.
func (w wholeMessage) Header(context.Context) (mime.Header, error) { return w.message.Header(), nil }

// Message implements search.Content.
func (w wholeMessage) Message(context.Context) (*mime.Message, error) { return w.message, nil }
