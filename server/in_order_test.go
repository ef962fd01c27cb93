package server

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// windowsOf makes windows of a number of things.
func windowsOf(size, n int) func(int) int { return func(first int) int { return min(first+size, n) } }

// squares loads the numbers of a window, each as its square.
func squares(first, end int) []int {
	var list []int
	for i := first; i < end; i++ {
		list = append(list, i*i)
	}
	return list
}

func TestLoadingKeepsOrder(t *testing.T) {
	for _, n := range []int{0, 1, 3, 4, 100} {
		var used []int
		var running, most, ahead atomic.Int32
		err := loading[int]{
			n: n, end: windowsOf(4, n),
			load: func(_ context.Context, first, end int) ([]int, error) {
				most.Store(max(most.Load(), running.Add(1)))
				defer running.Add(-1)
				ahead.Store(max(ahead.Load(), int32(end)))
				return squares(first, end), nil
			},
			use: func(i, v int) error {
				require.Equal(t, i*i, v)
				require.LessOrEqual(t, int(ahead.Load()), i+4*(1+windowsAhead), "no more than so many windows ahead")
				used = append(used, i)
				return nil
			},
		}.run(t.Context())
		require.NoError(t, err)
		require.Len(t, used, n)
		require.LessOrEqual(t, most.Load(), int32(windowsAhead))
	}
}

func TestLoadingIsUnderWayWhileThingsAreUsed(t *testing.T) {
	second := make(chan struct{})
	err := loading[int]{
		n: 6, end: windowsOf(2, 6),
		load: func(_ context.Context, first, end int) ([]int, error) {
			if first == 4 {
				close(second)
			}
			return squares(first, end), nil
		},
		use: func(i, v int) error {
			if i == 0 {
				<-second
			}
			return nil
		},
	}.run(t.Context())
	require.NoError(t, err)
}

func TestLoadingUsesWhatIsReady(t *testing.T) {
	var mu sync.Mutex
	var loads [][2]int
	err := loading[int]{
		n: 10, end: windowsOf(4, 10),
		ready: func(i int) (int, bool) { return i * i, i < 3 },
		load: func(_ context.Context, first, end int) ([]int, error) {
			mu.Lock()
			defer mu.Unlock()
			loads = append(loads, [2]int{first, end})
			return squares(first, end), nil
		},
		use: func(i, v int) error {
			require.Equal(t, i*i, v)
			return nil
		},
	}.run(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, [][2]int{{3, 7}, {7, 10}}, loads)
}

func TestLoadingDropsWhatIsNotUsed(t *testing.T) {
	fault := errors.New("fault")
	for _, failing := range []string{"load", "use"} {
		for at := range 20 {
			var loaded, used, dropped atomic.Int32
			err := loading[int]{
				n: 20, end: windowsOf(4, 20),
				load: func(_ context.Context, first, end int) ([]int, error) {
					if failing == "load" && first <= at && at < end {
						return nil, fault
					}
					loaded.Add(int32(end - first))
					return squares(first, end), nil
				},
				use: func(i, v int) error {
					used.Add(1)
					if failing == "use" && i == at {
						return fault
					}
					return nil
				},
				drop: func(int) { dropped.Add(1) },
			}.run(t.Context())
			require.ErrorIs(t, err, fault)
			require.Equal(t, loaded.Load(), used.Load()+dropped.Load())
		}
	}
}

func TestLoadingPassesAPanicOn(t *testing.T) {
	for at := range 9 {
		require.PanicsWithValue(t, "boom", func() {
			loading[int]{
				n: 9, end: windowsOf(2, 9),
				load: func(_ context.Context, first, end int) ([]int, error) {
					if first <= at && at < end {
						panic("boom")
					}
					return squares(first, end), nil
				},
				use: func(int, int) error { return nil },
			}.run(t.Context())
		})
	}
}

func TestLoadingEndsWithTheClient(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	var loaded, used, dropped atomic.Int32
	err := loading[int]{
		n: 50, end: windowsOf(4, 50),
		load: func(_ context.Context, first, end int) ([]int, error) {
			loaded.Add(int32(end - first))
			return squares(first, end), nil
		},
		use: func(i, v int) error {
			used.Add(1)
			if i == 10 {
				leave()
			}
			return nil
		},
		drop: func(int) { dropped.Add(1) },
	}.run(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.EqualValues(t, 11, used.Load())
	require.Less(t, loaded.Load(), int32(20))
	require.Equal(t, loaded.Load(), used.Load()+dropped.Load())
}
