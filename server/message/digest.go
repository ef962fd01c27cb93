package message

import (
	"time"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// MaxDigestHeader is the longest header block that a Digest keeps whole.
const MaxDigestHeader = 128 << 10

// maxDigestField is the most of one field that is kept of a longer block.
const maxDigestField = 32 << 10

// Digest is what can be told of a message without its body. It never changes for one
// blob, so it can be kept for good; see Encode. One that was made of the header alone has
// no body structure, preview or attachments; see HasStructure.
type Digest struct {
	// Size is RFC822.SIZE in octets.
	Size int64
	// Header is the header block as stored, with its blank line. Where the block is
	// longer than MaxDigestHeader, HeaderWhole is false, and Header has just the
	// fields that searching, sorting and threading need, shortened.
	Header      mime.Header
	HeaderWhole bool
	// Rebuilt says that Header was put together from its fields. What is no field is not in it, so it does not do for the octets
	// of the block.
	Rebuilt bool
	// HasBody says that the message goes on behind the header.
	HasBody bool
	// Sort are the keys of SORT and THREAD.
	Sort SortKeys
	// Preview is plain text of at most mime.PreviewLength characters.
	Preview string
	// HasAttachment is JMAP's hasAttachment.
	HasAttachment bool

	envelope *imap.Envelope
	body     imap.Body
}

// SortKeys are what SORT and THREAD compare (RFC 5256, RFC 5957).
type SortKeys struct {
	// Sent is the Date with its zone; the zero time where there is no valid one, in
	// which case the internal date counts (RFC 5256 section 2.2).
	Sent time.Time
	// BaseSubject is the base subject in UTF-8, and Reply says that something was
	// taken off the subject to get it.
	BaseSubject string
	Reply       bool
	// From, To and Cc are the local part of the first address, in UTF-8.
	From, To, Cc string
	// DisplayFrom and DisplayTo are the display name of the first address or, without
	// one, the address (RFC 5957 section 3).
	DisplayFrom, DisplayTo string
	// MessageID is the first id, without angle brackets; empty if there is none.
	MessageID string
	// References are the ids of References or, without any, the first one of
	// In-Reply-To (RFC 5256 section 3, REFERENCES).
	References []string
}

// NewDigest makes the digest of a message. It keeps no reference to the octets.
func NewDigest(m *mime.Message) *Digest {
	h := m.Header()
	v := m.Views()
	return &Digest{
		Size:          int64(len(m.Octets)),
		Header:        keptHeader(h),
		HeaderWhole:   len(h) <= MaxDigestHeader,
		HasBody:       m.Root.Body.Len() > 0,
		Sort:          NewSortKeys(h),
		Preview:       mime.Preview(v.Text),
		HasAttachment: v.HasAttachment(),
		envelope:      rawEnvelope(h),
		body:          rawBody(m.Root),
	}
}

// NewHeaderDigest makes the digest of a message of which only the beginning is at hand and the whole has size octets. It
// has no structure. ok is false where the header block may go on behind the beginning.
func NewHeaderDigest(beginning []byte, size int64) (d *Digest, ok bool) {
	end, ok := mime.HeaderEnd(beginning)
	if !ok {
		return nil, false
	}
	h := mime.Parse(beginning[:end]).Header()
	return &Digest{
		Size:        size,
		Header:      keptHeader(h),
		HeaderWhole: len(h) <= MaxDigestHeader,
		HasBody:     int64(len(h)) < size,
		Sort:        NewSortKeys(h),
		envelope:    rawEnvelope(h),
	}, true
}

// HasStructure says that the digest was made of the whole message: it has BodyStructure, Preview and HasAttachment.
func (d *Digest) HasStructure() bool { return d.body != nil }

// Envelope is the message's ENVELOPE; utf8 says whether the client takes raw UTF-8.
func (d *Digest) Envelope(utf8 bool) *imap.Envelope { return showEnvelope(d.envelope, utf8) }

// BodyStructure is the message's BODYSTRUCTURE or, with extended false, its BODY. The digest has to have structure.
func (d *Digest) BodyStructure(extended, utf8 bool) imap.Body {
	return showBody(d.body, extended, utf8)
}

// Weight is about how many octets of memory the digest takes, for caches.
func (d *Digest) Weight() int { return 3*len(d.Encode()) + 512 }

// Section answers those sections of the whole message that the digest has: HEADER,
// HEADER.FIELDS and HEADER.FIELDS.NOT. ok is false where the octets are needed.
func (d *Digest) Section(s imap.Section) (octets []byte, ok bool) {
	if len(s.Part) > 0 || !d.HeaderWhole {
		return nil, false
	}
	switch s.Text {
	case imap.SectionHeader:
		return d.Header, !d.Rebuilt
	case imap.SectionHeaderFields, imap.SectionHeaderFieldsNot:
		if d.Rebuilt && s.Text == imap.SectionHeaderFieldsNot {
			return nil, false
		}
		return HeaderFields(d.Header, s.Fields, s.Text == imap.SectionHeaderFieldsNot, d.HasBody), true
	}
	return nil, false
}

// keptFields are kept of a header that is too long to be kept whole.
var keptFields = map[string]bool{
	"date": true, "subject": true, "from": true, "sender": true, "reply-to": true, "to": true, "cc": true,
	"bcc": true, "in-reply-to": true, "references": true, "message-id": true, "list-id": true,
}

func keptHeader(h mime.Header) mime.Header {
	if len(h) <= MaxDigestHeader {
		return append(mime.Header{}, h...)
	}
	var kept mime.Header
	seen := map[string]bool{}
	for f := range h.Fields() {
		name := lowerASCII(f.Name)
		if !keptFields[name] || seen[name] {
			continue
		}
		seen[name] = true
		kept = append(kept, f.Name...)
		kept = append(kept, ':')
		kept = append(kept, f.Raw[:min(len(f.Raw), maxDigestField)]...)
		kept = append(kept, "\r\n"...)
	}
	return append(kept, "\r\n"...)
}
