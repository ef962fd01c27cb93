package search

import (
	"context"
	"time"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// Meta is what the replica knows of a message.
type Meta struct {
	Seq, UID uint32
	Size     int64
	Received time.Time
	Deleted  bool
	Recent   bool
	// Keyword tells whether the message has the keyword, such as "$seen", asked for
	// in lower case.
	Keyword func(name string) bool
}

// Content gives what is inside a message. Its errors end the search.
type Content interface {
	// Header is the header block of the message.
	Header(ctx context.Context) (mime.Header, error)
	// Message is the whole message.
	Message(ctx context.Context) (*mime.Message, error)
}

// Scope is what sequence sets in the keys refer to.
type Scope struct {
	Messages uint32   // number of messages in the session's view
	MaxUID   uint32   // the highest UID in the view; 0 when it is empty
	Saved    []uint32 // UIDs of the saved result "$", ascending (RFC 9051 section 6.4.4.1)
}

// Query is a compiled search; it may be used by several goroutines.
type Query struct{ root node }

// Compile prepares the keys, all of which have to match.
func Compile(keys []imap.SearchKey, scope Scope) *Query {
	return &Query{root: conjunction(keys, &scope)}
}

// Needs tells what is to be loaded of messages about which Meta does not decide: header that their headers are worth a look before
// anything else, as they rule messages out; message that it may take whole messages.
func (q *Query) Needs() (header, message bool) { return needs(q.root) }

func needs(n node) (header, message bool) {
	switch n := n.(type) {
	case and:
		for _, term := range n {
			h, m := needs(term)
			header, message = header || h, message || m
		}
		return header, message
	case or: // a header without the string leaves it to the body
		lh, lm := needs(n.left)
		rh, rm := needs(n.right)
		return (lh || rh) && !lm && !rm, lm || rm
	case not:
		return needs(n.key)
	}
	return n.cost() == costHeader, n.cost() == costBody
}

// Quick answers from Meta alone; known is false where content is needed.
func (q *Query) Quick(m *Meta) (match, known bool) {
	v := q.root.eval(m, nothing)
	return v == yes, v != unknown
}

// WithHeader answers from Meta and the header of the message alone; known is false where its octets are needed.
func (q *Query) WithHeader(ctx context.Context, m *Meta, header mime.Header) (match, known bool) {
	v := q.root.eval(m, &loaded{ctx: ctx, header: header, hasHeader: true})
	return v == yes, v != unknown
}

// Match tells whether the message is found.
func (q *Query) Match(ctx context.Context, m *Meta, c Content) (bool, error) {
	in := loaded{ctx: ctx}
	v := q.root.eval(m, &in)
	if v == unknown {
		header, err := c.Header(ctx)
		if err != nil {
			return false, err
		}
		in.header, in.hasHeader = header, true
		v = q.root.eval(m, &in)
	}
	if v == unknown {
		message, err := c.Message(ctx)
		if err != nil {
			return false, err
		}
		in.message = message
		v = q.root.eval(m, &in)
	}
	return v == yes, ctx.Err()
}

// loaded is what of a message's content is at hand.
type loaded struct {
	ctx       context.Context // its end makes every body a miss
	header    mime.Header
	hasHeader bool
	message   *mime.Message
}

// nothing is what is at hand before any content was loaded.
var nothing = &loaded{}

// verdict is the value of a key for a message of which not all is known.
type verdict uint8

const (
	no verdict = iota
	unknown
	yes
)

func is(b bool) verdict {
	if b {
		return yes
	}
	return no
}

// node is one compiled key.
type node interface {
	eval(m *Meta, in *loaded) verdict
	// cost orders the terms of a conjunction: the cheapest may spare the others.
	cost() int
}

const (
	costMeta = iota
	costHeader
	costBody
)
