package mailbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
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

const (
	// maxKeyword is the longest keyword of JMAP, in octets (RFC 8621 section 4.1.1).
	maxKeyword = 255
	// maxKeywords is how many keywords clients may bring into an account: FLAGS has all of them in one line.
	maxKeywords = 1000
)

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

// keywordSet is a set of keywords of an Email. Sets are interned: most Emails share a few.
type keywordSet struct {
	raw     []string // as the server has them, sorted
	folded  []string // lower case, sorted, each once
	shown   []string // as IMAP spells them
	seen    bool
	deleted bool // the server says $deleted
	pruned  bool // no longer interned
}

func (s *keywordSet) has(folded string) bool { return slices.Contains(s.folded, folded) }

// same reports whether IMAP sees no difference.
func (s *keywordSet) same(other *keywordSet) bool {
	return s == other || slices.Equal(s.folded, other.folded)
}

func (s *keywordSet) flags() []string {
	return append(make([]string, 0, len(s.shown)+2), s.shown...)
}

// keywords interns the keyword sets of an account.
type keywords struct {
	mu     sync.Mutex
	sets   map[string]*keywordSet
	names  map[string]string // how IMAP shows the keywords that Emails have or had; by keyword in lower case
	made   uint64            // how many names there ever were
	chosen map[string]string // how a client wrote a keyword first, where that is not lower case
}

func newKeywords(chosen map[string]string) *keywords {
	k := &keywords{sets: map[string]*keywordSet{}, names: map[string]string{}, chosen: map[string]string{}}
	for folded := range systemFlags {
		k.name(folded)
	}
	maps.Copy(k.chosen, chosen)
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
	s.seen = s.seen || folded == seenKeyword
	s.deleted = s.deleted || folded == deletedKeyword
	if shows(folded) {
		s.shown = append(s.shown, k.name(folded))
	}
}

// shows reports whether IMAP can show a keyword of JMAP as it is.
func shows(folded string) bool {
	return folded != recentKeyword && folded != deletedKeyword && validKeyword(folded)
}

// name returns the spelling of a keyword: IMAP's own, the usual one, a client's, or lower case.
func (k *keywords) name(folded string) string {
	if flag, ok := k.names[folded]; ok {
		return flag
	}
	flag := folded
	if system, ok := systemFlags[folded]; ok {
		flag = system
	} else if usual, ok := usualSpelling[folded]; ok {
		flag = usual
	} else if chosen, ok := k.chosen[folded]; ok {
		flag = chosen
	}
	k.names[folded] = flag
	k.made++
	return flag
}

// learn remembers how a client writes a keyword that no Email had yet. It reports whether that is a spelling to store, and whether
// there is room.
func (k *keywords) learn(folded, flag string) (chosen, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, named := k.names[folded]
	_, known := k.chosen[folded]
	switch {
	case named, known:
		return false, true
	case max(len(k.names), len(k.chosen)) >= maxKeywords:
		return false, false
	case folded == flag, fixedSpelling(folded):
		return false, true
	}
	k.chosen[folded] = flag
	return true, true
}

// prune forgets the keywords that are in none of the sets.
func (k *keywords) prune(used map[*keywordSet]bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	maps.DeleteFunc(k.sets, func(_ string, set *keywordSet) bool {
		set.pruned = !used[set]
		return set.pruned
	})
	inUse := map[string]bool{}
	for set := range used {
		for _, folded := range set.folded {
			inUse[folded] = true
		}
	}
	maps.DeleteFunc(k.names, func(folded, _ string) bool { return !inUse[folded] && systemFlags[folded] == "" })
	maps.DeleteFunc(k.chosen, func(folded, _ string) bool { return !inUse[folded] })
}

// keep takes the keywords of a set back in that prune did not know to be on its way to an Email.
func (k *keywords) keep(set *keywordSet) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !set.pruned {
		return
	}
	set.pruned = false
	for _, folded := range set.folded {
		if shows(folded) {
			k.name(folded)
		}
	}
}

// spellings returns what is to be stored.
func (k *keywords) spellings() map[string]string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return maps.Clone(k.chosen)
}

// fixedSpelling reports whether a keyword is not written as clients write it.
func fixedSpelling(folded string) bool {
	_, system := systemFlags[folded]
	_, usual := usualSpelling[folded]
	return system || usual
}

// all returns every flag known, sorted, and how many there ever were.
func (k *keywords) all() ([]string, uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Sorted(maps.Values(k.names)), k.made
}

// count returns how many flags there ever were.
func (k *keywords) count() uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.made
}
