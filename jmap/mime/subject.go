package mime

import "strings"

// maxSubject is how many octets of a subject the base subject is made from.
const maxSubject = 8 << 10

// BaseSubject removes from a decoded subject (see Text) what replies and forwards add to
// it (RFC 5256 section 2.1). reply says that there was such an addition.
func BaseSubject(subject string) (base string, reply bool) {
	s := collapse(validUTF8(subject[:min(len(subject), maxSubject)]))
	for {
		var trailed, led bool
		s, trailed = cutTrailers(s)
		s, led = cutLeaders(s)
		reply = reply || trailed || led
		inner, ok := cutForward(s)
		if !ok {
			return s, reply
		}
		s, reply = inner, true
	}
}

// cutTrailers is step 2: subj-trailer = "(fwd)" / WSP.
func cutTrailers(s string) (string, bool) {
	found := false
	for {
		s = strings.TrimRight(s, " \t")
		if len(s) < 5 || !EqualFold(s[len(s)-5:], "(fwd)") {
			return s, found
		}
		s, found = s[:len(s)-5], true
	}
}

// cutLeaders is steps 3 to 5: subj-leader = (*subj-blob subj-refwd) / WSP, and a
// subj-blob that has text behind it.
func cutLeaders(s string) (string, bool) {
	found := false
	for {
		s = strings.TrimLeft(s, " \t")
		if rest, ok := cutReply(s); ok {
			s, found = rest, true
			continue
		}
		rest, ok := cutBlob(s)
		if !ok || rest == "" {
			return s, found
		}
		s = rest
	}
}

// cutReply removes *subj-blob subj-refwd, where
// subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":".
func cutReply(s string) (string, bool) {
	for {
		rest, ok := cutBlob(s)
		if !ok {
			break
		}
		s = rest
	}
	switch {
	case hasPrefixFold(s, "fwd"):
		s = s[3:]
	case hasPrefixFold(s, "re"), hasPrefixFold(s, "fw"):
		s = s[2:]
	default:
		return "", false
	}
	s = strings.TrimLeft(s, " \t")
	if rest, ok := cutBlob(s); ok {
		s = rest
	}
	return strings.CutPrefix(s, ":")
}

// cutBlob removes a subj-blob = "[" *BLOBCHAR "]" *WSP.
func cutBlob(s string) (string, bool) {
	if !strings.HasPrefix(s, "[") {
		return s, false
	}
	end := strings.IndexAny(s[1:], "[]")
	if end < 0 || s[1+end] == '[' {
		return s, false
	}
	return strings.TrimLeft(s[end+2:], " \t"), true
}

// cutForward is step 6: "[fwd:" … "]".
func cutForward(s string) (string, bool) {
	if hasPrefixFold(s, "[fwd:") && strings.HasSuffix(s, "]") {
		return s[5 : len(s)-1], true
	}
	return s, false
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && EqualFold(s[:len(prefix)], prefix)
}
