package mime

// Limits on what a hostile message can make the parser do. What lies beyond a
// limit is not lost: it becomes part of an opaque leaf.
const (
	// MaxDepth is how deep containers (multipart and message/rfc822) may nest. Real mail
	// stays below ten; the readers of BODYSTRUCTURE, ours among them, have limits too.
	MaxDepth = 32
	// MaxParts is how many parts of one message are told apart.
	MaxParts = 10_000
	// MaxValue is how many octets of one header field value are interpreted.
	MaxValue = 1 << 20
	// MaxParams is how many parameters one Content-Type or Content-Disposition has.
	MaxParams = 200
	// MaxAddresses is how many addresses (and group marks) one field gives.
	MaxAddresses = 10_000
	// maxBoundary is the longest usable boundary. RFC 2046 section 5.1.1 allows 70.
	maxBoundary = 1000
)
