package mime

// Message is a parsed message: its octets and the tree of its parts.
type Message struct {
	// Octets is the message as it was given to Parse.
	Octets []byte
	// Root is the message's own header and body.
	Root *Part
	// Capped says that a limit was met, and that some of the structure is hidden
	// in an opaque part.
	Capped bool
}

// Parse reads the structure of a message. The octets are kept, not copied, and
// must not change while the Message is in use.
func Parse(octets []byte) *Message {
	s := scanner{data: octets}
	root := s.entity(nil, defaultType, 0)
	return &Message{Octets: octets, Root: root, Capped: s.capped}
}

// Header is the header block of the message.
func (m *Message) Header() Header { return m.Root.Fields() }
