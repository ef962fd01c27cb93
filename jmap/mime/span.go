package mime

// Span is a range of octets in a message, Start included, End not.
type Span struct{ Start, End int }

// Len is the number of octets in the span.
func (s Span) Len() int { return s.End - s.Start }
