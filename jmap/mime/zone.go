package mime

import (
	"time"
)

// namedZones are the obsolete zones of RFC 5322 section 4.3, in hours from UTC, and
// the few others that are common and have one meaning.
var namedZones = map[string]int{
	"ut": 0, "gmt": 0, "utc": 0, "z": 0, "wet": 0,
	"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
	"cet": 1, "cest": 2, "met": 1, "mest": 2, "eet": 2, "eest": 3, "msk": 3, "jst": 9,
}

// parseZone reads +hhmm, -hhmm, +hh:mm or a name. Unknown names are no zone.
func parseZone(w string) (*time.Location, bool) {
	if hours, ok := namedZones[lower(w)]; ok {
		if hours == 0 {
			return time.UTC, true
		}
		return time.FixedZone("", hours*3600), true
	}
	if len(w) == 6 && w[3] == ':' {
		w = w[:3] + w[4:]
	}
	if len(w) != 5 || w[0] != '+' && w[0] != '-' {
		return nil, false
	}
	hhmm, ok := digits(w[1:])
	hours, minutes := hhmm/100, hhmm%100
	if !ok || hours > 23 || minutes > 59 {
		return nil, false
	}
	seconds := (hours*60 + minutes) * 60
	if w[0] == '-' {
		seconds = -seconds
	}
	if seconds == 0 {
		return time.UTC, true
	}
	return time.FixedZone("", seconds), true
}
