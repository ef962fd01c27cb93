package mailbox

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var plainEmail = &email{keywords: &keywordSet{}, size: 1}

// A table edited at random agrees with a plain slice, and so does what advance says of two tables.
func TestTableAgreesWithASlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var model []row
		next, modseq := uint32(1), uint64(1)
		current := emptyTable
		tables := []*table{current}
		models := [][]row{nil}
		for range rapid.IntRange(1, 12).Draw(t, "edits") {
			modseq++
			e := current.edit()
			for range rapid.IntRange(0, 600).Draw(t, "add") {
				r := row{email: plainEmail, uid: next, modseq: modseq}
				next += rapid.Uint32Range(1, 3).Draw(t, "gap")
				e.add(r)
				model = append(model, r)
			}
			share := rapid.IntRange(0, 3).Draw(t, "share") // of rows that are changed or removed
			var kept []row
			for i, r := range model {
				switch pick := (i*7919 + int(modseq)*104729) % 16; {
				case pick < share && r.modseq != modseq:
					e.remove(r.uid)
					continue
				case pick == 15:
					changed := e.change(r.uid)
					changed.modseq = modseq
					r.modseq = modseq
				}
				kept = append(kept, r)
			}
			model = kept
			current = e.done()
			tables, models = append(tables, current), append(models, append([]row(nil), model...))
		}
		for i := range tables {
			agree(t, tables[i], models[i])
		}
		from := rapid.IntRange(0, len(tables)-1).Draw(t, "from")
		agreeAdvance(t, tables[from], models[from], current, model)
	})
}

func agree(t *rapid.T, tb *table, model []row) {
	require.Equal(t, len(model), tb.length)
	for i := range model {
		require.Equal(t, model[i], *tb.at(i))
		found, ok := tb.find(model[i].uid)
		require.True(t, ok && found == i)
		require.Equal(t, i, tb.rank(model[i].uid))
	}
	for _, c := range tb.chunks {
		require.True(t, len(c.rows) > 0 && len(c.rows) <= chunkSize)
	}
	_, _, size := tb.totals()
	require.Equal(t, int64(len(model)), size)
}

func agreeAdvance(t *rapid.T, old *table, oldModel []row, now *table, nowModel []row) {
	current := map[uint32]row{}
	for _, r := range nowModel {
		current[r.uid] = r
	}
	var gone []goneAt
	var kept []row
	for i, r := range oldModel {
		if after, ok := current[r.uid]; ok {
			kept = append(kept, after)
			continue
		}
		gone = append(gone, goneAt{i, r.uid})
		kept = append(kept, r)
	}
	var last uint32
	if len(oldModel) > 0 {
		last = oldModel[len(oldModel)-1].uid
	}
	added := 0
	for _, r := range nowModel {
		if r.uid > last {
			kept = append(kept, r)
			added++
		}
	}
	s := advance(old, now, false)
	require.Equal(t, gone, s.gone)
	require.Equal(t, added, s.added)
	require.Same(t, now, s.table)
	k := advance(old, now, true)
	agree(t, k.table, kept)
	require.Empty(t, k.gone)
	before := map[uint32]uint64{}
	for _, r := range oldModel {
		before[r.uid] = r.modseq
	}
	for _, step := range []step{s, k} {
		changed := map[int]bool{}
		for _, i := range step.changed {
			changed[i] = true
		}
		step.table.each(func(i int, r *row) bool {
			modseq, known := before[r.uid]
			require.Equal(t, known && modseq != r.modseq, changed[i])
			return true
		})
	}
	rest := advance(k.table, now, false)
	require.Len(t, rest.gone, len(gone), "what was kept is told later")
	require.Empty(t, rest.changed)
}
