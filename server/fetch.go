package server

import (
	"context"
	"errors"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
	"github.com/dragoman-mail/dragoman/server/content"
	"github.com/dragoman-mail/dragoman/server/mailbox"
)

// Fetch answers FETCH and UID FETCH (RFC 9051 section 6.4.5) from the session's view: what the replica knows costs no
// request, and the rest is downloaded once for all connections.
func (s *session) Fetch(ctx context.Context, c *imap.Fetch) error {
	seqs, err := s.resolve(c.Set, c.UID)
	if err != nil {
		return err
	}
	f := &fetch{session: s, plan: newFetchPlan(c)}
	if err := f.run(ctx, seqs); err != nil {
		return err
	}
	if err := f.markSeen(ctx); err != nil {
		return err
	}
	return f.partial()
}

// fetch is one FETCH command.
type fetch struct {
	session *session
	plan    fetchPlan
	out     fetchOutput
	unseen  []uint32 // messages that were sent and that \Seen is now due for
	gone    bool     // some were removed by others, octets and all
	failed  error    // why some items of some messages could not be sent
	broken  int
}

func (f *fetch) run(ctx context.Context, seqs []uint32) error {
	if f.plan.needs == 0 {
		for _, seq := range seqs {
			if err := f.send(seq, &inside{}); err != nil {
				return err
			}
		}
		return nil
	}
	return loading[*inside]{
		n:     len(seqs),
		ready: func(i int) (*inside, bool) { return f.cached(seqs[i]) },
		end: func(first int) int {
			return f.windowEnd(first, seqs)
		},
		load: func(ctx context.Context, first, end int) ([]*inside, error) {
			return f.load(ctx, seqs[first:end])
		},
		use: func(i int, in *inside) error {
			defer in.release()
			return f.send(seqs[i], in)
		},
		drop: (*inside).release,
	}.run(ctx)
}

func (f *fetch) windowEnd(first int, seqs []uint32) int {
	return f.session.windowEnd(first, len(seqs), f.plan.needs, func(i int) int64 {
		m, _ := f.session.view.Message(seqs[i])
		return f.plan.needs.octetsFor(m.Size)
	})
}

// cached gets what of a message the plan needs where that is at hand.
func (f *fetch) cached(seq uint32) (*inside, bool) {
	m, ok := f.session.view.Message(seq)
	if !ok {
		return &inside{missing: true}, true
	}
	return f.session.cached(m.BlobID, f.plan.needs)
}

// load gets what of messages the plan needs. One that is gone from the JMAP server, or that the server fails at, does not end
// the command: a client could not read the messages behind it.
func (f *fetch) load(ctx context.Context, seqs []uint32) ([]*inside, error) {
	all := make([]*inside, len(seqs))
	var list []int
	var wants []content.Want
	for i, seq := range seqs {
		m, ok := f.session.view.Message(seq)
		if !ok {
			all[i] = &inside{missing: true}
			continue
		}
		list = append(list, i)
		wants = append(wants, content.Want{Blob: m.BlobID, Email: m.EmailID, Size: m.Size})
	}
	loaded, err := f.session.insides(ctx, wants, f.plan.needs)
	if err != nil {
		return nil, err
	}
	for k, in := range loaded {
		all[list[k]] = in
	}
	return all, nil
}

// send writes the FETCH response of one message, unless none of its items could be made.
func (f *fetch) send(seq uint32, in *inside) error {
	m, ok := f.session.view.Message(seq)
	if !ok || in.missing {
		f.gone = true
		return nil
	}
	if in.failed != nil {
		f.failed = in.failed
		if f.broken++; f.broken > content.MaxBroken {
			return in.failed
		}
		return nil
	}
	f.out.begin(seq)
	seen := false
	for _, att := range f.plan.items {
		item, err := f.item(att, &m, in)
		switch {
		case errors.Is(err, mime.ErrEncoding):
			f.failed = no(imap.CodeUnknownCTE, "The transfer encoding of a part is not known")
		case err != nil:
			return err
		default:
			f.out.add(item)
			seen = seen || marksSeen(att)
		}
	}
	if f.out.empty() {
		return nil
	}
	if seen && !m.Has(flagSeen) {
		f.unseen = append(f.unseen, seq)
	}
	return f.session.send(f.out.response())
}

// markSeen sets \Seen on what was sent by items that imply it, and tells (RFC 9051 section 6.4.5). The client has its
// answer already: that the flags could not be changed does not make it wrong.
func (f *fetch) markSeen(ctx context.Context) error {
	s := f.session
	if len(f.unseen) == 0 || s.view.ReadOnly() {
		return nil
	}
	result, err := s.account.StoreFlags(ctx, s.view, mailbox.StoreRequest{
		Seqs: f.unseen, Op: mailbox.StoreAdd, Flags: []string{flagSeen},
	})
	if err != nil {
		s.log.Warn("cannot mark fetched messages as seen", "messages", len(f.unseen), "error", err)
		return nil
	}
	return s.sendFlags(result.Stored, f.plan.uid)
}

// partial is the answer where not all that was asked for could be sent (RFC 5530 section 3, RFC 3516 section 4.3).
func (f *fetch) partial() error {
	if f.failed == nil && f.gone && !f.plan.uid {
		return no(imap.CodeExpungeIssued, "Some of the messages are gone")
	}
	return f.failed
}

const flagSeen = `\Seen`
