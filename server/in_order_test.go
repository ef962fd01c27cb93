package server

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLoadingKeepsOrder(t *testing.T) {
	for _, n := range []int{0, 1, 3, 100} {
		var used []int
		var running, most atomic.Int32
		err := loading[int]{
			n: n, ahead: 4,
			load: func(_ context.Context, i int) (int, error) {
				most.Store(max(most.Load(), running.Add(1)))
				defer running.Add(-1)
				return i * i, nil
			},
			use: func(i, v int) error {
				require.Equal(t, i*i, v)
				used = append(used, i)
				return nil
			},
		}.run(t.Context())
		require.NoError(t, err)
		require.Len(t, used, n)
		require.LessOrEqual(t, most.Load(), int32(4))
	}
}

func TestLoadingDropsWhatIsNotUsed(t *testing.T) {
	fault := errors.New("fault")
	for _, failing := range []string{"load", "use"} {
		var loaded, used, dropped atomic.Int32
		err := loading[int]{
			n: 50, ahead: 4,
			load: func(_ context.Context, i int) (int, error) {
				if failing == "load" && i == 10 {
					return 0, fault
				}
				loaded.Add(1)
				return i, nil
			},
			use: func(i, v int) error {
				used.Add(1)
				if failing == "use" && i == 10 {
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

func TestLoadingPassesAPanicOn(t *testing.T) {
	require.PanicsWithValue(t, "boom", func() {
		loading[int]{
			n: 9, ahead: 3,
			load: func(_ context.Context, i int) (int, error) {
				if i == 4 {
					panic("boom")
				}
				return i, nil
			},
			use: func(int, int) error { return nil },
		}.run(t.Context())
	})
}

func TestLoadingEndsWithTheClient(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	var loaded atomic.Int32
	err := loading[int]{
		n: 50, ahead: 4,
		load: func(_ context.Context, i int) (int, error) { return int(loaded.Add(1)), nil },
		use: func(i, v int) error {
			if i == 10 {
				leave()
			}
			return nil
		},
	}.run(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, loaded.Load(), int32(20))
}
