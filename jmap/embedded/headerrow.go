package embedded

import (
	"fmt"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// headerProperties are those of an Email that are kept beside its message, so that listing,
// sorting and most searching do not read it.
const headerProperties = jmap.EmailPropertyMessageID | jmap.EmailPropertyInReplyTo | jmap.EmailPropertyReferences |
	jmap.EmailPropertySender | jmap.EmailPropertyFrom | jmap.EmailPropertyTo | jmap.EmailPropertyCc |
	jmap.EmailPropertyBcc | jmap.EmailPropertyReplyTo | jmap.EmailPropertySubject | jmap.EmailPropertySentAt |
	jmap.EmailPropertyPreview

// maxRefs bounds how many of an Email's references take part in threading.
const maxRefs = 200

// headerRow is an Email with headerProperties.
type headerRow struct {
	jmap.Email
	text []byte // the same in JSON, once it was needed
}

func newHeaderRow(m *mime.Message) *headerRow {
	h := &headerRow{Email: jmap.Email{Has: headerProperties}}
	setHeaderProperties(&h.Email, m.Header(), headerProperties)
	h.Preview = m.Preview()
	return h
}

func (h *headerRow) encode() []byte {
	if h.text == nil {
		h.text = h.AppendJSON(nil)
	}
	return h.text
}

// headerWeight is how much more it costs to read what headerSize counts than to read a message.
const headerWeight = 8

// headerSize is how many octets are kept beside the message of an Email.
func (s *snapshot) headerSize(n uint64) int { return len(s.bucket(bucketHeaders).Get(numberKey(n))) }

// headers reads what is kept beside the message of an Email.
func (s *snapshot) headers(n uint64) (*headerRow, error) {
	h := new(headerRow)
	if err := h.UnmarshalJSON(s.bucket(bucketHeaders).Get(numberKey(n))); err != nil {
		return nil, fmt.Errorf("reading headers of Email %d: %w", n, ErrCorrupt)
	}
	return h, nil
}

// baseSubject is the subject without the marks of replies (RFC 5256 section 2.1).
func (h *headerRow) baseSubject() string {
	if h.Subject == nil {
		return ""
	}
	base, _ := mime.BaseSubject(*h.Subject)
	return base
}

// refs are the references that tie the Email to a Thread (RFC 8621 section 3), its own
// message id first, then from the newest.
func (h *headerRow) refs() []refKey {
	subject := h.baseSubject()
	var list []refKey
	seen := map[refKey]bool{}
	add := func(id string) {
		k := makeRef(id, subject)
		if !seen[k] && len(list) < maxRefs {
			seen[k] = true
			list = append(list, k)
		}
	}
	for _, id := range h.MessageID {
		add(id)
	}
	for _, id := range h.InReplyTo {
		add(id)
	}
	for i := len(h.References) - 1; i >= 0; i-- {
		add(h.References[i])
	}
	return list
}
