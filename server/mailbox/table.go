package mailbox

import "sort"

// chunkSize is how many rows a chunk has at most. A change copies one chunk, and the list of chunks.
const chunkSize = 256

// row is one message of a mailbox.
type row struct {
	email   *email
	modseq  uint64
	uid     uint32
	deleted bool
}

func (r *row) isDeleted() bool { return r.deleted || r.email.keywords.deleted }

// chunk is a run of rows by ascending UID. It never changes once it is in a table.
type chunk struct {
	rows    []row
	size    int64
	unseen  int
	deleted int
}

// sum computes what the chunk knows of its rows.
func (c *chunk) sum() *chunk {
	c.size, c.unseen, c.deleted = 0, 0, 0
	for i := range c.rows {
		r := &c.rows[i]
		c.size += r.email.size
		if !r.email.keywords.seen {
			c.unseen++
		}
		if r.isDeleted() {
			c.deleted++
		}
	}
	return c
}

// table is the messages of a mailbox by ascending UID. It never changes; tables of successive states share chunks.
type table struct {
	chunks []*chunk
	starts []int // index of the first row of each chunk
	length int
}

var emptyTable = &table{}

func newTable(chunks []*chunk) *table {
	t := &table{chunks: chunks, starts: make([]int, len(chunks))}
	for i, c := range chunks {
		t.starts[i] = t.length
		t.length += len(c.rows)
	}
	return t
}

// tableOf makes a table of rows that ascend by UID.
func tableOf(rows []row) *table {
	var chunks []*chunk
	for len(rows) > 0 {
		n := min(len(rows), chunkSize)
		chunks = append(chunks, (&chunk{rows: rows[:n:n]}).sum())
		rows = rows[n:]
	}
	return newTable(chunks)
}

// at returns the row with an index that is in the table.
func (t *table) at(index int) *row {
	c := sort.Search(len(t.starts), func(i int) bool { return t.starts[i] > index }) - 1
	return &t.chunks[c].rows[index-t.starts[c]]
}

// place returns chunk and position of the first row whose UID is at least uid.
func (t *table) place(uid uint32) (int, int) {
	c := sort.Search(len(t.chunks), func(i int) bool {
		rows := t.chunks[i].rows
		return rows[len(rows)-1].uid >= uid
	})
	if c == len(t.chunks) {
		return c, 0
	}
	rows := t.chunks[c].rows
	return c, sort.Search(len(rows), func(i int) bool { return rows[i].uid >= uid })
}

// rank returns the number of rows whose UID is below uid.
func (t *table) rank(uid uint32) int {
	c, i := t.place(uid)
	if c == len(t.chunks) {
		return t.length
	}
	return t.starts[c] + i
}

// find returns the index of the row with a UID.
func (t *table) find(uid uint32) (int, bool) {
	c, i := t.place(uid)
	if c == len(t.chunks) || t.chunks[c].rows[i].uid != uid {
		return 0, false
	}
	return t.starts[c] + i, true
}

// get returns the row with a UID, or nil.
func (t *table) get(uid uint32) *row {
	c, i := t.place(uid)
	if c == len(t.chunks) || t.chunks[c].rows[i].uid != uid {
		return nil
	}
	return &t.chunks[c].rows[i]
}

// last returns the highest UID, or 0.
func (t *table) last() uint32 {
	if t.length == 0 {
		return 0
	}
	rows := t.chunks[len(t.chunks)-1].rows
	return rows[len(rows)-1].uid
}

// each calls yield for every row in order until it returns false.
func (t *table) each(yield func(index int, r *row) bool) {
	for c, chunk := range t.chunks {
		for i := range chunk.rows {
			if !yield(t.starts[c]+i, &chunk.rows[i]) {
				return
			}
		}
	}
}

// firstUnseen returns the index of the first message that is not \Seen, or -1.
func (t *table) firstUnseen() int {
	for c, chunk := range t.chunks {
		if chunk.unseen == 0 {
			continue
		}
		for i := range chunk.rows {
			if !chunk.rows[i].email.keywords.seen {
				return t.starts[c] + i
			}
		}
	}
	return -1
}

func (t *table) totals() (unseen, deleted int, size int64) {
	for _, c := range t.chunks {
		unseen += c.unseen
		deleted += c.deleted
		size += c.size
	}
	return unseen, deleted, size
}
