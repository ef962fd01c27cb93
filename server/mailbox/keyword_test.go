package mailbox

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func flagsOf(k *keywords) []string {
	flags, _ := k.all()
	return flags
}

// FLAGS has no keyword that only a STORE which failed, or which took it away, has named.
func TestKeywordsAreThoseOfEmails(t *testing.T) {
	k := newKeywords(map[string]string{"old": "OLD"})
	_, ok := k.learn("work", "Work")
	require.True(t, ok)
	require.NotContains(t, flagsOf(k), "Work")
	require.NotContains(t, flagsOf(k), "OLD")
	before := k.count()
	require.Equal(t, []string{"OLD", "Work"}, k.intern([]string{"work", "old"}).flags())
	require.Subset(t, flagsOf(k), []string{"OLD", "Work"})
	require.NotEqual(t, before, k.count())
}

func TestKeywordsAreBounded(t *testing.T) {
	k := newKeywords(nil)
	kept := k.intern([]string{"kept"})
	coming := k.intern([]string{"coming"}) // of an Email that the replica does not have yet
	for i := 0; ; i++ {
		flag := fmt.Sprintf("K%d", i)
		if _, ok := k.learn(foldFlag(flag), flag); !ok {
			break
		}
		k.intern([]string{foldFlag(flag)})
		require.Less(t, i, maxKeywords)
	}
	_, ok := k.learn("kept", "KEPT")
	require.True(t, ok, "a known keyword takes no room")
	k.prune(map[*keywordSet]bool{kept: true})
	require.Equal(t, []string{`\Answered`, `\Draft`, `\Flagged`, `\Seen`, "kept"}, flagsOf(k))
	require.Empty(t, k.spellings())
	k.keep(coming)
	require.Contains(t, flagsOf(k), "coming")
	chosen, ok := k.learn("k0", "k0")
	require.True(t, ok && !chosen)
}
