package pattern

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"*", "", true}, {"*", "a/b/c", true}, {"%", "a", true}, {"%", "a/b", false}, {"a/%", "a/b", true},
		{"a/%", "a/b/c", false}, {"%/c", "a/b/c", false}, {"*c", "a/b/c", true}, {"%*%", "a/b", true},
		{"inbox", "INBOX", true}, {"InBox/%", "INBOX/x", true}, {"inboxes", "INBOXES", false}, {"inb%", "INBOX", false},
		{"", "", true}, {"", "a", false}, {"a", "", false}, {"%%%", "ab", true}, {"foo%bar*", "fooxbar/y", true},
		{"*%/b", "a/b", true}, {"%a%b%", "xaxbx", true}, {"%a%b%", "xa/bx", false},
	} {
		require.Equal(t, c.want, Compile(c.pattern, '/').Match(c.name), "%q %q", c.pattern, c.name)
	}
}

func TestMatchAgreesWithRegexp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringMatching(`[ab/%*]{0,9}`).Draw(t, "pattern")
		name := rapid.StringMatching(`[ab/]{0,12}`).Draw(t, "name")
		expr := strings.NewReplacer("*", ".*", "%", "[^/]*").Replace(pattern)
		want := regexp.MustCompile("^(?:" + expr + ")$").MatchString(name)
		require.Equal(t, want, Compile(pattern, '/').Match(name))
	})
}

func TestHostilePattern(t *testing.T) {
	name := strings.Repeat("a", 1000)
	p := Compile(strings.Repeat("*a", 999)+"*b", '/')
	long := Compile(strings.Repeat("%a", 100_000), '/')
	start := time.Now()
	require.False(t, p.Match(name))
	require.False(t, long.Match(name))
	require.Less(t, time.Since(start), 20*time.Second)
}
