package mailbox

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/server/store"
)

const bigMailbox = 100_000

// bigFixture has a mailbox of 100,000 messages, loaded.
func bigFixture(b *testing.B) (*fixture, *Box) {
	f, box, _ := measuredFixture(b)
	return f, box
}

// measuredFixture is bigFixture with the octets of memory that a message takes.
func measuredFixture(b *testing.B) (*fixture, *Box, float64) {
	f := newFixture(b)
	f.server.changesPage, f.server.queryPage = 1<<30, 1<<30
	f.server.mu.Lock()
	for i := range bigMailbox {
		f.server.create(f.server.id("Gb10b4f1c9e0d53c7a8f6e2d1c0b9a8f7e6d5c4b"), int64(i), "inbox")
	}
	f.server.mu.Unlock()
	before := heap()
	box := f.box("INBOX")
	_, err := f.account.Status(ctx, box)
	require.NoError(b, err)
	return f, box, float64(heap()-before) / bigMailbox
}

// heap is what the heap holds. What a pool keeps goes with the second collection.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkSelect(b *testing.B) {
	f, box, octets := measuredFixture(b)
	for b.Loop() {
		v, err := f.account.Select(ctx, box, false)
		require.NoError(b, err)
		v.Counters()
		v.FirstUnseen()
		v.Close()
	}
	b.ReportMetric(octets, "octets/message")
}

func BenchmarkSyncWithoutChanges(b *testing.B) {
	f, _ := bigFixture(b)
	for b.Loop() {
		require.NoError(b, f.account.Sync(ctx))
	}
}

// One flag changes in 100,000 messages: taking it into the replica, with the commit to the disk, and telling it.
func BenchmarkApplyAndPollOneChange(b *testing.B) {
	f, box := bigFixture(b)
	v, err := f.account.Select(ctx, box, false)
	require.NoError(b, err)
	m, _ := v.Message(bigMailbox / 2)
	r := f.account.replica
	record := r.emails[string(m.EmailID)].record()
	for b.Loop() {
		if record.Keywords == nil {
			record.Keywords = []string{"$seen"}
		} else {
			record.Keywords = nil
		}
		_, err := r.apply(&batch{emails: []store.Email{record}, fresh: &touched{}})
		require.NoError(b, err)
		require.Len(b, v.Poll(true), 1)
	}
}

func BenchmarkPollWithoutChanges(b *testing.B) {
	f, box := bigFixture(b)
	v, err := f.account.Select(ctx, box, false)
	require.NoError(b, err)
	for b.Loop() {
		v.Poll(true)
	}
}

func BenchmarkResolveOneOfMany(b *testing.B) {
	f, box := bigFixture(b)
	v, err := f.account.Select(ctx, box, false)
	require.NoError(b, err)
	one := set(bigMailbox/2, bigMailbox/2)
	for b.Loop() {
		_, err := v.Resolve(one, true)
		require.NoError(b, err)
	}
}

// Opening the account reads 100,000 messages from the disk.
func BenchmarkOpen(b *testing.B) {
	f, _ := bigFixture(b)
	for b.Loop() {
		f.restart()
	}
}
