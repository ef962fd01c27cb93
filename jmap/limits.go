package jmap

import proto "github.com/dragoman-mail/dragoman/generated/jmap"

// Limits are what a server announces in its core capability (RFC 8620 section 2), with the least that the RFC suggests where it
// announces nothing.
type Limits struct {
	MaxSizeUpload         int64 // octets of one upload
	MaxConcurrentUpload   int
	MaxSizeRequest        int64 // octets of one API request
	MaxConcurrentRequests int
	MaxCallsInRequest     int
	MaxObjectsInGet       int
	MaxObjectsInSet       int
}

// fallbackLimits are the suggested minimums of RFC 8620 section 2.
var fallbackLimits = Limits{
	MaxSizeUpload:         50_000_000,
	MaxConcurrentUpload:   4,
	MaxSizeRequest:        10_000_000,
	MaxConcurrentRequests: 4,
	MaxCallsInRequest:     16,
	MaxObjectsInGet:       500,
	MaxObjectsInSet:       500,
}

func limitsOf(info *proto.Session) Limits {
	limits := fallbackLimits
	var core proto.CoreCapability
	if raw, ok := info.Capabilities[proto.CapabilityCore]; !ok || core.UnmarshalJSON(raw) != nil {
		return limits
	}
	announce(&limits.MaxSizeUpload, core.MaxSizeUpload)
	announce(&limits.MaxConcurrentUpload, core.MaxConcurrentUpload)
	announce(&limits.MaxSizeRequest, core.MaxSizeRequest)
	announce(&limits.MaxConcurrentRequests, core.MaxConcurrentRequests)
	announce(&limits.MaxCallsInRequest, core.MaxCallsInRequest)
	announce(&limits.MaxObjectsInGet, core.MaxObjectsInGet)
	announce(&limits.MaxObjectsInSet, core.MaxObjectsInSet)
	return limits
}

// announce takes an announced value over; zero would forbid everything and means that there was none.
func announce[N int | int64](limit *N, announced uint64) {
	if announced > 0 {
		*limit = N(announced)
	}
}
