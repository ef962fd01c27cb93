package mailbox

import (
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// bigFixture has a mailbox of -scale messages, loaded, and a view of it.
func bigFixture(b *testing.B) (*scaled, *bulkServer, *View) {
	s, server := bulkScaled(b, *scale)
	s.open(filepath.Join(b.TempDir(), "state"))
	b.Cleanup(s.close)
	return s, server, s.selectInbox(ctx)
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
	s, _, v := bigFixture(b)
	box := v.Box()
	for b.Loop() {
		v, err := s.account.Select(ctx, box, false)
		require.NoError(b, err)
		v.Counters()
		v.FirstUnseen()
		v.Close()
	}
}

func BenchmarkStatus(b *testing.B) {
	s, _, v := bigFixture(b)
	box := v.Box()
	for b.Loop() {
		_, err := s.account.Status(ctx, box)
		require.NoError(b, err)
	}
}

func BenchmarkSyncWithoutChanges(b *testing.B) {
	s, _, _ := bigFixture(b)
	for b.Loop() {
		require.NoError(b, s.account.Sync(ctx))
	}
}

// One flag changes: a request, taking it into the replica, with the commit to the disk, and telling it.
func BenchmarkSyncAndPollOneChange(b *testing.B) {
	s, server, v := bigFixture(b)
	n := 0
	for b.Loop() {
		n++
		server.flag(n * 7919 % *scale)
		require.NoError(b, s.account.Sync(ctx))
		require.Len(b, v.Poll(true), 1)
	}
}

func BenchmarkPollWithoutChanges(b *testing.B) {
	_, _, v := bigFixture(b)
	for b.Loop() {
		v.Poll(true)
	}
}

func BenchmarkResolveOneOfMany(b *testing.B) {
	_, _, v := bigFixture(b)
	one := set(uint32(*scale)/2, uint32(*scale)/2)
	for b.Loop() {
		_, err := v.Resolve(one, true)
		require.NoError(b, err)
	}
}

// BenchmarkAllFlags reads what FETCH 1:* FLAGS needs.
func BenchmarkAllFlags(b *testing.B) {
	_, _, v := bigFixture(b)
	for b.Loop() {
		for _, m := range v.Messages() {
			m.Flags()
		}
	}
}

// The server cannot tell what changed: everything is compared, and nothing is found.
func BenchmarkComparison(b *testing.B) {
	s, server, v := bigFixture(b)
	for b.Loop() {
		server.forget()
		require.NoError(b, s.account.Sync(ctx))
	}
	require.Empty(b, v.Poll(true))
}

// Opening the account reads all messages from the disk.
func BenchmarkOpen(b *testing.B) {
	s, _, _ := bigFixture(b)
	for b.Loop() {
		s.close()
		s.open(s.path)
	}
}
