package embedded

import (
	"log/slog"
	"time"
)

// Options say where a Store keeps its data and what it allows.
type Options struct {
	// Dir is the data directory; it is made when it does not exist.
	Dir string
	// Limits that are zero take their default.
	Limits Limits
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Logger takes the details of internal errors; nil means slog.Default.
	Logger *slog.Logger
	// BaseURL is what clients put before the paths of the endpoints, such as
	// "https://mail.example.org". When empty, it is taken from each request.
	BaseURL string
	// HashIterations is the PBKDF2 count for new passwords; zero means the default.
	HashIterations int
}

// Limits bound what clients may ask for. The session object announces most of them
// (RFC 8620 section 2, RFC 8621 section 1.3.1).
type Limits struct {
	MaxSizeUpload         int64 // octets
	MaxConcurrentUpload   int   // per user
	MaxSizeRequest        int64 // octets
	MaxConcurrentRequests int   // per user
	MaxCallsInRequest     int
	MaxObjectsInGet       int
	MaxObjectsInSet       int

	MaxMailboxesPerEmail       int
	MaxMailboxDepth            int
	MaxSizeMailboxName         int   // octets of UTF-8
	MaxSizeAttachmentsPerEmail int64 // octets
	MaxKeywordsPerEmail        int
	MaxMailboxes               int // per account

	// MaxSizeResponse bounds the answer to one request, in octets. What one request takes of
	// memory is a few times as much.
	MaxSizeResponse int
	// MaxSizeRead bounds the messages, counted each time, that the calls of one request read,
	// in octets. Searches are not bounded by it.
	MaxSizeRead int64
	// MaxFilterDepth bounds how deep the operators of a filter nest.
	MaxFilterDepth int
	// MaxHistory is how many changes of each type /changes can look back on.
	MaxHistory int
	// MaxEmailsInThread bounds the work for the counts of a Mailbox; the next Email begins
	// a new Thread.
	MaxEmailsInThread int
	// MaxEventSources bounds the open event streams and WebSockets of one user.
	MaxEventSources int
	// BlobLifetime is how long an upload that nothing refers to is kept.
	BlobLifetime time.Duration
}

// DefaultLimits returns the limits that take the place of zeros.
func DefaultLimits() Limits {
	return Limits{
		MaxSizeUpload:              100_000_000,
		MaxConcurrentUpload:        16,
		MaxSizeRequest:             10_000_000,
		MaxConcurrentRequests:      32,
		MaxCallsInRequest:          64,
		MaxObjectsInGet:            5000,
		MaxObjectsInSet:            5000,
		MaxMailboxesPerEmail:       100,
		MaxMailboxDepth:            20,
		MaxSizeMailboxName:         490,
		MaxSizeAttachmentsPerEmail: 50_000_000,
		MaxKeywordsPerEmail:        100,
		MaxMailboxes:               5000,
		MaxSizeResponse:            32 << 20,
		MaxSizeRead:                2 << 30,
		MaxFilterDepth:             50,
		MaxHistory:                 500_000,
		MaxEmailsInThread:          1000,
		MaxEventSources:            100,
		BlobLifetime:               24 * time.Hour,
	}
}

// withDefaults fills in the fields that are zero.
func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	orDefault(&l.MaxSizeUpload, d.MaxSizeUpload)
	orDefault(&l.MaxConcurrentUpload, d.MaxConcurrentUpload)
	orDefault(&l.MaxSizeRequest, d.MaxSizeRequest)
	orDefault(&l.MaxConcurrentRequests, d.MaxConcurrentRequests)
	orDefault(&l.MaxCallsInRequest, d.MaxCallsInRequest)
	orDefault(&l.MaxObjectsInGet, d.MaxObjectsInGet)
	orDefault(&l.MaxObjectsInSet, d.MaxObjectsInSet)
	orDefault(&l.MaxMailboxesPerEmail, d.MaxMailboxesPerEmail)
	orDefault(&l.MaxMailboxDepth, d.MaxMailboxDepth)
	orDefault(&l.MaxSizeMailboxName, d.MaxSizeMailboxName)
	orDefault(&l.MaxSizeAttachmentsPerEmail, d.MaxSizeAttachmentsPerEmail)
	orDefault(&l.MaxKeywordsPerEmail, d.MaxKeywordsPerEmail)
	orDefault(&l.MaxMailboxes, d.MaxMailboxes)
	orDefault(&l.MaxSizeResponse, d.MaxSizeResponse)
	orDefault(&l.MaxSizeRead, d.MaxSizeRead)
	orDefault(&l.MaxFilterDepth, d.MaxFilterDepth)
	orDefault(&l.MaxHistory, d.MaxHistory)
	orDefault(&l.MaxEmailsInThread, d.MaxEmailsInThread)
	orDefault(&l.MaxEventSources, d.MaxEventSources)
	orDefault(&l.BlobLifetime, d.BlobLifetime)
	return l
}

func orDefault[T comparable](v *T, fallback T) {
	var zero T
	if *v == zero {
		*v = fallback
	}
}
