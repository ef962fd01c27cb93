package mailbox

// step is what happened to the rows of a view on the way to a newer table.
type step struct {
	table   *table   // the view's new table
	gone    []goneAt // ascending
	changed []int    // indexes in the new table of rows with another mod-sequence, ascending
	added   int
}

type goneAt struct {
	index int // in the old table
	uid   uint32
}

// advance compares a view's table with the newest one. Rows that are gone stay in the new table when keep is set.
// Chunks that both share are passed over, so the cost is that of what changed.
func advance(old, current *table, keep bool) step {
	s := step{table: current}
	walk(old, current, &s, nil)
	if !keep || len(s.gone) == 0 {
		return s
	}
	kept := step{}
	b := &builder{}
	walk(old, current, &kept, b)
	kept.table = b.done()
	kept.gone = nil
	return kept
}

// cursor is a position in a table.
type cursor struct {
	t    *table
	c, i int
}

func (k *cursor) done() bool { return k.c == len(k.t.chunks) }
func (k *cursor) row() *row  { return &k.t.chunks[k.c].rows[k.i] }

func (k *cursor) next() {
	if k.i++; k.i == len(k.t.chunks[k.c].rows) {
		k.c, k.i = k.c+1, 0
	}
}

// walk goes through both tables side by side. With a builder, rows that are gone are kept in it.
func walk(old, current *table, s *step, keep *builder) {
	a, b := cursor{t: old}, cursor{t: current}
	out := 0 // rows of the new table so far
	for !a.done() || !b.done() {
		if !a.done() && !b.done() && a.i == 0 && b.i == 0 && a.t.chunks[a.c] == b.t.chunks[b.c] {
			shared := a.t.chunks[a.c]
			out += len(shared.rows)
			keep.share(shared)
			a.c, b.c = a.c+1, b.c+1
			continue
		}
		switch {
		case b.done() || !a.done() && a.row().uid < b.row().uid:
			s.gone = append(s.gone, goneAt{index: a.t.starts[a.c] + a.i, uid: a.row().uid})
			if keep.add(a.row()) {
				out++
			}
			a.next()
		case a.done() || b.row().uid < a.row().uid:
			s.added++
			keep.add(b.row())
			out++
			b.next()
		default:
			if a.row().modseq != b.row().modseq {
				s.changed = append(s.changed, out)
			}
			keep.add(b.row())
			out++
			a.next()
			b.next()
		}
	}
}

// builder collects rows into chunks, and takes whole chunks as they are. A nil builder collects nothing.
type builder struct {
	chunks []*chunk
	open   []row
}

func (b *builder) add(r *row) bool {
	if b == nil {
		return false
	}
	if b.open = append(b.open, *r); len(b.open) == chunkSize {
		b.flush()
	}
	return true
}

func (b *builder) share(c *chunk) {
	if b == nil {
		return
	}
	b.flush()
	b.chunks = append(b.chunks, c)
}

func (b *builder) flush() {
	if len(b.open) > 0 {
		b.chunks = append(b.chunks, (&chunk{rows: b.open}).sum())
		b.open = nil
	}
}

func (b *builder) done() *table {
	b.flush()
	return newTable(b.chunks)
}
