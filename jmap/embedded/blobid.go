package embedded

import (
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// digest is the SHA-256 of a blob, which names it.
type digest [sha256.Size]byte

// Ids do not tell lower from upper case, as RFC 8620 section 1.2 advises.
var digestText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func (d digest) String() string { return digestText.EncodeToString(d[:]) }

func parseDigest(s string) (d digest, ok bool) {
	if len(s) != digestText.EncodedLen(len(d)) {
		return d, false
	}
	b, err := digestText.DecodeString(s)
	if err != nil || digestText.EncodeToString(b) != s {
		return d, false
	}
	copy(d[:], b)
	return d, true
}

// blobName is what a blob id stands for: a file or, with a path, the decoded body of a part of
// the message in it. Parts are counted in the order of a walk over the message, from 1; a
// longer path leads into messages that are parts.
type blobName struct {
	digest digest
	path   []int
}

// maxBlobPath bounds the work for one blob id.
const maxBlobPath = 10

// part names a part of the message that n stands for.
func (n blobName) part(number int) blobName {
	return blobName{n.digest, append(n.path[:len(n.path):len(n.path)], number)}
}

func (n blobName) id() jmap.ID {
	if len(n.path) == 0 {
		return jmap.ID("b" + n.digest.String())
	}
	b := append([]byte{'p'}, n.digest.String()...)
	for _, number := range n.path {
		b = strconv.AppendInt(append(b, '-'), int64(number), 10)
	}
	return jmap.ID(b)
}

func parseBlobID(id jmap.ID) (blobName, bool) {
	if rest, ok := strings.CutPrefix(string(id), "b"); ok {
		d, ok := parseDigest(rest)
		return blobName{digest: d}, ok
	}
	rest, ok := strings.CutPrefix(string(id), "p")
	steps := strings.Split(rest, "-")
	if !ok || len(steps) < 2 || len(steps) > maxBlobPath+1 {
		return blobName{}, false
	}
	var n blobName
	if n.digest, ok = parseDigest(steps[0]); !ok {
		return n, false
	}
	for _, step := range steps[1:] {
		number, err := strconv.Atoi(step)
		if err != nil || number < 1 || strconv.Itoa(number) != step {
			return n, false
		}
		n.path = append(n.path, number)
	}
	return n, true
}
