package embedded

import (
	"bytes"
	"iter"

	bolt "github.com/boltdb/bolt"
)

// indexIDs iterates over the Emails of an index under a prefix, by date.
func indexIDs(b *bolt.Bucket, prefix []byte, descending bool) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		c := b.Cursor()
		k, _ := c.Seek(prefix)
		next := c.Next
		if descending {
			next = c.Prev
			k = seekLast(c, prefix)
		}
		for ; k != nil && bytes.HasPrefix(k, prefix); k, _ = next() {
			if _, id := indexEntry(k); !yield(id) {
				return
			}
		}
	}
}

// seekLast moves to the last key that has the prefix, or to one before.
func seekLast(c *bolt.Cursor, prefix []byte) []byte {
	end := bytes.Clone(prefix)
	for len(end) > 0 && end[len(end)-1] == 0xff {
		end = end[:len(end)-1]
	}
	if len(end) == 0 {
		k, _ := c.Last()
		return k
	}
	end[len(end)-1]++
	if k, _ := c.Seek(end); k == nil {
		k, _ = c.Last()
		return k
	}
	k, _ := c.Prev()
	return k
}
