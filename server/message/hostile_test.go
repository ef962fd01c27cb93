package message

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/dragoman-mail/dragoman/jmap/mime"
	"github.com/stretchr/testify/require"
)

func TestNestedBombsFitTheGrammar(t *testing.T) {
	var multiparts strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&multiparts, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	for name, in := range map[string]string{
		"multiparts": multiparts.String(),
		"messages":   strings.Repeat("Content-Type: message/rfc822\n\n", 100_000),
		"parts":      "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 200_000),
	} {
		t.Run(name, func(t *testing.T) {
			m := mime.Parse([]byte(in))
			checkGrammar(t, m)
			checkDigest(t, NewDigest(m))
		})
	}
}

func TestDigestOfAddressBombIsBounded(t *testing.T) {
	part := "--b\nContent-Type: message/rfc822\n\nTo: " + strings.Repeat("a,", 1000) + "\n\nx\n"
	m := mime.Parse([]byte("Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat(part, 1500)))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	d := NewDigest(m)
	runtime.GC()
	runtime.ReadMemStats(&after)
	require.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(24<<20))
	require.Less(t, len(d.Encode()), 8<<20)
	require.Len(t, m.Root.Children, 1500)
	checkDigest(t, d)
}
