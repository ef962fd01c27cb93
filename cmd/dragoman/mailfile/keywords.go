package mailfile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// The JMAP keywords of the system flags (RFC 8621 section 4.1.1).
const (
	seen      = "$seen"
	answered  = "$answered"
	flagged   = "$flagged"
	draft     = "$draft"
	forwarded = "$forwarded"
)

// applyStatus takes over the flags that mail programs keep in the header of messages in an mbox file.
func (m *Message) applyStatus(header mime.Header) {
	for field := range header.Fields() {
		value := strings.TrimSpace(string(field.Raw))
		switch strings.ToLower(field.Name) {
		case "status":
			m.applyLetters(value, map[rune]string{'R': seen})
		case "x-status":
			m.applyLetters(value, map[rune]string{'A': answered, 'F': flagged, 'T': draft})
			m.Deleted = m.Deleted || strings.ContainsRune(value, 'D')
		case "x-keywords", "x-mozilla-keys":
			m.addKeywords(strings.Fields(value)...)
		case "x-mozilla-status":
			m.applyMozilla(value)
		case "x-imap", "x-imapbase":
			// UW IMAP keeps its notes in a first message of its own; other messages have only X-IMAPbase added.
			m.Internal = m.Internal || strings.EqualFold(field.Name, "x-imap")
		}
	}
}

func (m *Message) applyLetters(letters string, keywords map[rune]string) {
	for _, letter := range letters {
		if keyword := keywords[letter]; keyword != "" {
			m.addKeywords(keyword)
		}
	}
}

// applyMozilla reads Thunderbird's flags, a hexadecimal number.
func (m *Message) applyMozilla(value string) {
	const read, replied, marked, expunged, passed = 0x0001, 0x0002, 0x0004, 0x0008, 0x1000
	bits, err := strconv.ParseUint(value, 16, 32)
	if err != nil {
		return
	}
	for bit, keyword := range map[uint64]string{read: seen, replied: answered, marked: flagged, passed: forwarded} {
		if bits&bit != 0 {
			m.addKeywords(keyword)
		}
	}
	m.Deleted = m.Deleted || bits&expunged != 0
}

// addKeywords adds those that JMAP allows and that are not there yet.
func (m *Message) addKeywords(keywords ...string) {
	for _, keyword := range keywords {
		if keyword = strings.ToLower(keyword); validKeyword(keyword) && !slices.Contains(m.Keywords, keyword) {
			m.Keywords = append(m.Keywords, keyword)
		}
	}
	slices.Sort(m.Keywords)
}

// validKeyword follows RFC 8621 section 4.1.1.
func validKeyword(keyword string) bool {
	for i := 0; i < len(keyword); i++ {
		if c := keyword[i]; c <= ' ' || c > '~' || strings.IndexByte(`(){]%*"\`, c) >= 0 {
			return false
		}
	}
	return len(keyword) > 0 && len(keyword) <= 255
}
