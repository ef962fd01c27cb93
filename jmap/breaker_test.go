package jmap

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// circuit makes a client give a host up after three failures, with one try of each request.
func circuit(c *Config) {
	c.Retry.Tries = 1
	c.Breaker = BreakerPolicy{Failures: 3, FirstPause: 4 * time.Second, LongestPause: 10 * time.Second}
}

func TestBreakerOpensAndCloses(t *testing.T) {
	w := newWorld("a.test")
	session := w.login(t, circuit)
	read := func() error { return kinds["read"](t.Context(), session) }
	w.fails("a.test", answers(502, ""), nil)
	for range 3 {
		require.NotErrorIs(t, read(), errGivenUp)
	}
	require.Equal(t, "ac ac ac", w.take())

	// All fail at once now, and say for how long.
	var unavailable *UnavailableError
	for _, kind := range kinds {
		err := kind(t.Context(), session)
		require.ErrorIs(t, err, errGivenUp)
		require.ErrorAs(t, err, &unavailable)
		require.True(t, unavailable.Unsent())
		require.GreaterOrEqual(t, unavailable.RetryAfter, 2*time.Second)
		require.LessOrEqual(t, unavailable.RetryAfter, 4*time.Second)
	}
	_, err := session.client.Login(t.Context(), ann)
	require.ErrorIs(t, err, errGivenUp)
	require.Empty(t, w.take())

	// After each pause one request finds out that it is still so, and pauses grow.
	for _, longest := range []time.Duration{8, 10, 10} {
		require.NoError(t, w.Sleep(t.Context(), unavailable.RetryAfter))
		require.NotErrorIs(t, read(), errGivenUp)
		require.ErrorAs(t, read(), &unavailable)
		require.Equal(t, "ac", w.take())
		require.LessOrEqual(t, unavailable.RetryAfter, longest*time.Second)
		require.GreaterOrEqual(t, unavailable.RetryAfter, longest*time.Second/2)
	}
	require.NoError(t, w.Sleep(t.Context(), unavailable.RetryAfter))
	w.fails("a.test", nil, nil)
	for range 3 {
		require.NoError(t, read())
	}
	w.fails("a.test", answers(502, ""), nil)
	for range 3 {
		require.NotErrorIs(t, read(), errGivenUp, "it has forgotten what was")
	}
	require.ErrorIs(t, read(), errGivenUp)
}

func TestBreakerCountsWhatSaysThatTheHostIsAway(t *testing.T) {
	for name, test := range map[string]struct {
		fail   failure
		counts bool
	}{
		"refused": {closedPort, true}, "no such host": {nameless, true}, "broken": {broken, true}, "hung": {hung, true},
		"502": {answers(502, ""), true}, "503": {answers(503, ""), true}, "504": {answers(504, ""), true},
		"400": {answers(400, ""), false}, "401": {answers(401, ""), false}, "404": {answers(404, ""), false},
		"429": {answers(429, "60"), false}, "500": {answers(500, ""), false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld("a.test")
				session := w.login(t, circuit)
				w.fails("a.test", test.fail, nil)
				for range 3 {
					require.NotErrorIs(t, kinds["write"](t.Context(), session), errGivenUp)
				}
				w.fails("a.test", nil, nil)
				err := kinds["write"](t.Context(), session)
				if test.counts {
					require.ErrorIs(t, err, errGivenUp)
				} else {
					require.NoError(t, err)
				}
			})
		})
	}
}

func TestBreakerIgnoresCallersWhoLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("a.test")
		session := w.login(t, circuit)
		w.fails("a.test", nil, hung)
		for range 5 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			require.Error(t, kinds["read"](ctx, session))
			cancel()
		}
		w.fails("a.test", nil, nil)
		require.NoError(t, kinds["read"](t.Context(), session))
	})
}

// While one request tries, the others are not let through; should it take too long, another one tries.
func TestBreakerLetsOneThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("a.test")
		session := w.login(t, func(c *Config) { circuit(c); c.Clock = nil; c.Timeout = time.Minute })
		w.fails("a.test", closedPort, nil)
		for range 3 {
			require.Error(t, kinds["read"](t.Context(), session))
		}
		time.Sleep(4 * time.Second)
		w.take()
		release := make(chan struct{})
		w.fails("a.test", nil, func(*http.Request) (*http.Response, error) { <-release; return nil, nil })
		var group sync.WaitGroup
		group.Go(func() { require.NoError(t, kinds["read"](t.Context(), session)) })
		synctest.Wait()
		require.ErrorIs(t, kinds["read"](t.Context(), session), errGivenUp)
		require.Equal(t, "ac", w.take())
		time.Sleep(10 * time.Second)
		group.Go(func() { require.NoError(t, kinds["read"](t.Context(), session)) })
		synctest.Wait()
		require.Equal(t, "ac", w.take())
		close(release)
		group.Wait()
		require.NoError(t, kinds["read"](t.Context(), session))
	})
}

func TestBreakerLeavesStreamsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("a.test")
		session := w.login(t, func(c *Config) { circuit(c); c.Clock = nil })
		w.fails("a.test", nil, closedPort)
		for range 5 {
			require.Error(t, session.Events(t.Context(), EventOptions{}, nil))
		}
		w.fails("a.test", nil, nil)
		require.NoError(t, kinds["read"](t.Context(), session), "streams do not count")
		w.fails("a.test", nil, closedPort)
		for range 3 {
			require.Error(t, kinds["read"](t.Context(), session))
		}
		w.take()
		require.NotErrorIs(t, session.Events(t.Context(), EventOptions{}, nil), errGivenUp)
		require.Equal(t, "ac", w.take())
	})
}

// Where there is another endpoint, nobody notices that one is given up.
func TestGivenUpMeansElsewhere(t *testing.T) {
	w := newWorld("a.test", "b.test")
	session := w.login(t, circuit)
	other, err := session.client.Login(t.Context(), ann)
	require.NoError(t, err)
	w.fails("a.test", answers(503, ""), nil)
	for range 3 {
		require.Error(t, kinds["write"](t.Context(), session))
	}
	w.take()
	for range 2 {
		require.NoError(t, kinds["write"](t.Context(), session))
		require.NoError(t, kinds["upload"](t.Context(), other))
	}
	require.Equal(t, "bs bc bs bu bc bu", w.take())
}
