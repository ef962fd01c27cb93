package server

import (
	"context"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
	"github.com/dragoman-mail/dragoman/server/content"
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

// insides loads what is needed of messages, one for each want. A message that is gone or broken does not fail the others; the
// error says that the JMAP server is not there.
func (s *session) insides(ctx context.Context, wants []content.Want, needs need) (all []*inside, err error) {
	load := insideLoad{ctx: ctx, cache: s.server.config.Content, from: s.source(), wants: wants, all: make([]*inside, len(wants))}
	for i := range load.all {
		load.all[i] = &inside{}
	}
	defer func() {
		if err != nil {
			load.release()
		}
	}()
	if needs&needsOctets != 0 {
		if err := load.octets(func(*inside) bool { return true }); err != nil {
			return nil, err
		}
	}
	if needs&needsDigest != 0 {
		if err := load.digests(needs); err != nil {
			return nil, err
		}
		err = load.octets(func(in *inside) bool { return in.digest != nil && !in.digest.HeaderWhole })
	}
	return load.all, err
}

// insideLoad is one call of insides.
type insideLoad struct {
	ctx   context.Context
	cache *content.Cache
	from  content.Account
	wants []content.Want
	all   []*inside
}

func (l *insideLoad) release() {
	for _, in := range l.all {
		in.release()
	}
}

// open lists the messages for which more can be loaded.
func (l *insideLoad) open(which func(*inside) bool) (list []int, wants []content.Want) {
	for i, in := range l.all {
		if in.failed == nil && !in.missing && which(in) {
			list = append(list, i)
			wants = append(wants, l.wants[i])
		}
	}
	return list, wants
}

// octets loads the octets of those messages that do not have them.
func (l *insideLoad) octets(which func(*inside) bool) error {
	list, wants := l.open(func(in *inside) bool { return in.octets == nil && which(in) })
	if len(list) == 0 {
		return nil
	}
	loaded, err := l.cache.OctetsOf(l.ctx, l.from, wants)
	for k, got := range loaded {
		in := l.all[list[k]]
		in.octets = got.Value
		in.note(got.Err)
	}
	return err
}

func (l *insideLoad) digests(needs need) error {
	list, wants := l.open(func(*inside) bool { return true })
	load := l.cache.FieldsOf
	switch {
	case needs&needsStructure != 0:
		load = l.cache.DigestsOf
	case needs&needsHeader != 0:
		load = l.cache.HeadersOf
	}
	loaded, err := load(l.ctx, l.from, wants)
	for k, got := range loaded {
		in := l.all[list[k]]
		in.digest = got.Value
		in.note(got.Err)
	}
	return err
}

// note keeps why there is nothing of a message.
func (in *inside) note(err error) {
	switch {
	case err == nil:
	case content.Gone(err):
		in.release()
		in.missing = true
	default:
		in.release()
		in.failed = err
	}
}

// cached is what of a message is in memory, where that is all that is needed.
func (s *session) cached(blob jmap.ID, needs need) (*inside, bool) {
	in := &inside{}
	from := s.source()
	switch {
	case needs&needsStructure != 0:
		in.digest = s.server.config.Content.CachedDigest(from, blob)
	case needs&needsHeader != 0:
		in.digest = s.server.config.Content.CachedHeader(from, blob)
	case needs&needsFields != 0:
		in.digest = s.server.config.Content.CachedFields(from, blob)
	}
	if needs&needsDigest != 0 && in.digest == nil {
		return nil, false
	}
	if needs&needsOctets != 0 || !in.digest.HeaderWhole {
		if in.octets = s.server.config.Content.CachedOctets(from, blob); in.octets == nil {
			return nil, false
		}
	}
	return in, true
}

func (s *session) source() content.Account {
	return content.Account{Key: s.account.Key(), ID: s.account.ID(), Source: s.login.Session}
}

const (
	// messagesAhead is how many messages are loaded at a time, where they come in batches.
	messagesAhead = jmapclient.MaxBlobs
	// messagesAlone is how many are where each is a download of its own.
	messagesAlone = 4
	// octetsAhead is how many octets they have together, so that this bounds what a connection holds; but always two, so that
	// large ones are not waited for one by one.
	octetsAhead  = jmapclient.MaxBlobOctets
	alwaysLoaded = 2
)

// windowEnd is where a window of messages that begins at first ends.
func (s *session) windowEnd(first, n int, needs need, octets func(i int) int64) int {
	most := messagesAlone
	if from := s.source(); from.Batches() || needs == needsFields && from.ListsFields() {
		most = messagesAhead
	}
	sum := int64(0)
	for i := first; i < n; i++ {
		sum += octets(i)
		if i-first == most || sum > octetsAhead && i-first >= alwaysLoaded {
			return i
		}
	}
	return n
}

// octetsFor is how many octets of a message of some size are in memory for a need.
func (needs need) octetsFor(size int64) int64 {
	if needs&(needsStructure|needsOctets) == 0 {
		return min(size, content.HeaderOctets)
	}
	return size
}
