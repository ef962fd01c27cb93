package embedded

// meter counts down the octets that a response may still have, while records are made for it.
type meter struct{ room int }

// take is false when there is no room for n octets more, and from then on.
func (m *meter) take(n int) bool {
	if m.room >= 0 {
		m.room -= n
	}
	return m.room >= 0
}

// full says that the record is not whole.
func (m *meter) full() bool { return m.room < 0 }

// What is counted for records beside their texts: about as much as they take of memory, which for small ones is more than their JSON.
const (
	partOctets   = 300
	fieldOctets  = 64
	bodyOctets   = 80
	escapeFactor = 6 // how much longer JSON can be than a text
)

// takeField counts a header field before its value is made.
func (m *meter) takeField(raw []byte) bool {
	if len(raw) > 1<<20 && len(raw)*escapeFactor > m.room {
		m.room = -1
	}
	return m.take(fieldOctets + len(raw))
}
