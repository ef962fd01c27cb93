package mailbox

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// The flags of IMAP that are not keywords (RFC 9051 section 2.3.2).
const (
	FlagSeen     = `\Seen`
	FlagAnswered = `\Answered`
	FlagFlagged  = `\Flagged`
	FlagDraft    = `\Draft`
	FlagDeleted  = `\Deleted` // of one mailbox, kept by the replica
	FlagRecent   = `\Recent`  // RFC 3501 only
)

const (
	seenKeyword    = "$seen"
	deletedKeyword = "$deleted" // some servers show their own \Deleted so
	recentKeyword  = "$recent"
)

// systemFlags are the keywords that IMAP has flags for (RFC 8621 section 4.1.1).
var systemFlags = map[string]string{
	seenKeyword: FlagSeen, "$answered": FlagAnswered, "$flagged": FlagFlagged, "$draft": FlagDraft,
}

// usualSpelling is how well-known keywords are written, whatever a client or a server makes of them.
var usualSpelling = map[string]string{
	"$forwarded": "$Forwarded", "$mdnsent": "$MDNSent", "$junk": "$Junk", "$notjunk": "$NotJunk", "$phishing": "$Phishing",
	"$submitpending": "$SubmitPending", "$submitted": "$Submitted", "$important": "$Important",
	"junk": "Junk", "nonjunk": "NonJunk",
}

// maxKeyword is the longest keyword of JMAP, in octets (RFC 8621 section 4.1.1).
const maxKeyword = 255

// foldFlag returns the keyword that an IMAP flag is in JMAP, in lower case.
func foldFlag(flag string) string {
	folded := strings.ToLower(flag)
	if strings.HasPrefix(folded, `\`) {
		return "$" + folded[1:]
	}
	return folded
}

// parseFlag returns the keyword of a flag that a client wants to store, in lower case.
func parseFlag(flag string) (string, error) {
	folded := foldFlag(flag)
	if strings.HasPrefix(flag, `\`) {
		if _, ok := systemFlags[folded]; ok || folded == deletedKeyword || folded == recentKeyword {
			return folded, nil
		}
		return "", fmt.Errorf("%w: %s is no flag of IMAP", ErrKeyword, flag)
	}
	if !validKeyword(flag) {
		return "", fmt.Errorf("%w: %q", ErrKeyword, flag)
	}
	if _, ok := systemFlags[folded]; ok || folded == deletedKeyword || folded == recentKeyword {
		return "", fmt.Errorf("%w: %s stands for a system flag in JMAP", ErrKeyword, flag)
	}
	return folded, nil
}

// validKeyword reports whether a keyword is one in JMAP and an atom in IMAP.
func validKeyword(s string) bool {
	if s == "" || len(s) > maxKeyword {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f || strings.IndexByte(`(){]%*"\`, s[i]) >= 0 {
			return false
		}
	}
	return true
}

// spelling is how IMAP shows one keyword. It is shared by all sets that have the keyword.
type spelling struct{ flag atomic.Pointer[string] }

// keywordSet is a set of keywords of an Email. Sets are interned: most Emails share a few.
type keywordSet struct {
	raw     []string // as the server has them, sorted
	folded  []string // lower case, sorted, each once
	shown   []*spelling
	seen    bool
	deleted bool // the server says $deleted
}

func (s *keywordSet) has(folded string) bool { return slices.Contains(s.folded, folded) }

// same reports whether IMAP sees no difference.
func (s *keywordSet) same(other *keywordSet) bool {
	return s == other || slices.Equal(s.folded, other.folded)
}

func (s *keywordSet) flags() []string {
	flags := make([]string, 0, len(s.shown)+2)
	for _, name := range s.shown {
		flags = append(flags, *name.flag.Load())
	}
	return flags
}

// keywords interns the keyword sets of an account.
type keywords struct {
	mu    sync.Mutex
	sets  map[string]*keywordSet
	names map[string]*spelling // by keyword in lower case
}

func newKeywords(spelled map[string]string) *keywords {
	k := &keywords{sets: map[string]*keywordSet{}, names: map[string]*spelling{}}
	for folded := range systemFlags {
		k.name(folded)
	}
	for folded, flag := range spelled {
		k.spell(folded, flag)
	}
	return k
}

// intern returns the set with the given keywords as the server has them. It keeps raw.
func (k *keywords) intern(raw []string) *keywordSet {
	slices.Sort(raw)
	key := strings.Join(raw, "\x00")
	k.mu.Lock()
	defer k.mu.Unlock()
	if set, ok := k.sets[key]; ok {
		return set
	}
	set := &keywordSet{raw: raw}
	for _, keyword := range raw {
		set.folded = append(set.folded, strings.ToLower(keyword))
	}
	slices.Sort(set.folded)
	set.folded = slices.Compact(set.folded)
	for _, folded := range set.folded {
		set.add(folded, k)
	}
	k.sets[key] = set
	return set
}

func (s *keywordSet) add(folded string, k *keywords) {
	switch folded {
	case recentKeyword:
		return
	case deletedKeyword:
		s.deleted = true
		return
	case seenKeyword:
		s.seen = true
	}
	if validKeyword(folded) {
		s.shown = append(s.shown, k.name(folded))
	}
}

// name returns the spelling of a keyword: IMAP's own, the usual one, a client's, or lower case.
func (k *keywords) name(folded string) *spelling {
	if name, ok := k.names[folded]; ok {
		return name
	}
	flag := folded
	if system, ok := systemFlags[folded]; ok {
		flag = system
	} else if usual, ok := usualSpelling[folded]; ok {
		flag = usual
	}
	name := &spelling{}
	name.flag.Store(&flag)
	k.names[folded] = name
	return name
}

// spell sets how IMAP shows a keyword.
func (k *keywords) spell(folded, flag string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.name(folded).flag.Store(&flag)
}

// learn sets how IMAP shows a keyword that was not seen before, and reports whether it was so.
func (k *keywords) learn(folded, flag string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, known := k.names[folded]; known {
		return false
	}
	k.name(folded).flag.Store(&flag)
	return true
}

// fixedSpelling reports whether a keyword is not written as clients write it.
func fixedSpelling(folded string) bool {
	_, system := systemFlags[folded]
	_, usual := usualSpelling[folded]
	return system || usual
}

// all returns every flag known, sorted.
func (k *keywords) all() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	flags := make([]string, 0, len(k.names))
	for _, name := range k.names {
		flags = append(flags, *name.flag.Load())
	}
	slices.Sort(flags)
	return flags
}
