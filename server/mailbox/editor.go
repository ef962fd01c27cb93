package mailbox

// mergeBelow is the length under which a changed chunk is joined with its neighbour.
const mergeBelow = chunkSize / 4

// editor makes a changed table. The table it began with stays as it is.
type editor struct {
	base   *table
	chunks []*chunk
	own    []bool // the chunk is a copy of ours
}

func (t *table) edit() *editor {
	return &editor{
		base: t, chunks: append([]*chunk(nil), t.chunks...), own: make([]bool, len(t.chunks), len(t.chunks)+1),
	}
}

// get returns the row with a UID for reading, or nil.
func (e *editor) get(uid uint32) *row {
	c, i, ok := e.find(uid)
	if !ok {
		return nil
	}
	return &e.chunks[c].rows[i]
}

// change returns the row with a UID for writing, or nil.
func (e *editor) change(uid uint32) *row {
	c, i, ok := e.find(uid)
	if !ok {
		return nil
	}
	return &e.writable(c).rows[i]
}

// remove takes the row with a UID out. It stays in its chunk, without an Email, until done.
func (e *editor) remove(uid uint32) {
	if r := e.change(uid); r != nil {
		r.email = nil
	}
}

// add appends a row, whose UID must be above all others.
func (e *editor) add(r row) {
	last := len(e.chunks) - 1
	if last < 0 || len(e.chunks[last].rows) >= chunkSize {
		e.chunks = append(e.chunks, &chunk{rows: make([]row, 0, 16)})
		e.own = append(e.own, true)
		last++
	}
	c := e.writable(last)
	c.rows = append(c.rows, r)
}

func (e *editor) writable(c int) *chunk {
	if !e.own[c] {
		e.chunks[c] = &chunk{rows: append([]row(nil), e.chunks[c].rows...)}
		e.own[c] = true
	}
	return e.chunks[c]
}

// find looks among the chunks of the base first: UIDs only grow, so those added lie behind.
func (e *editor) find(uid uint32) (int, int, bool) {
	c, _ := e.base.place(uid)
	if c == len(e.base.chunks) && c > 0 {
		c-- // the last chunk may have grown
	}
	for ; c < len(e.chunks); c++ {
		rows := e.chunks[c].rows
		lo, hi := 0, len(rows)
		for lo < hi {
			if mid := int(uint(lo+hi) >> 1); rows[mid].uid < uid {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		if lo < len(rows) {
			return c, lo, rows[lo].uid == uid && rows[lo].email != nil
		}
	}
	return 0, 0, false
}

// done returns the table as changed.
func (e *editor) done() *table {
	var chunks []*chunk
	for c, part := range e.chunks {
		if e.own[c] {
			part.rows = withoutGone(part.rows)
			if len(part.rows) == 0 {
				continue
			}
			if n := len(chunks); n > 0 && len(part.rows) < mergeBelow && len(chunks[n-1].rows)+len(part.rows) <= chunkSize {
				chunks[n-1] = (&chunk{rows: append(append([]row(nil), chunks[n-1].rows...), part.rows...)}).sum()
				continue
			}
			part.sum()
		}
		chunks = append(chunks, part)
	}
	return newTable(chunks)
}

func withoutGone(rows []row) []row {
	kept := rows[:0]
	for _, r := range rows {
		if r.email != nil {
			kept = append(kept, r)
		}
	}
	clear(rows[len(kept):])
	return kept
}
