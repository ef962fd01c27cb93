package boltstore

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	bolt "github.com/boltdb/bolt"
	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/server/store"
)

func TestCacheTakesManyAtOnce(t *testing.T) {
	c, err := OpenCache(filepath.Join(t.TempDir(), "cache"), 100_000)
	require.NoError(t, err)
	defer c.Close()
	all := map[string][]byte{"large": make([]byte, 50_000)}
	for i := range 50 {
		all[fmt.Sprint(i)] = []byte(fmt.Sprint("octets ", i))
	}
	for range 2 {
		c.PutAll(ctx, key, "header", all)
		for id, want := range all {
			got, ok := c.Get(ctx, key, "header", id)
			require.Equal(t, id != "large", ok)
			if ok {
				require.Equal(t, want, got)
			}
		}
	}
	more := map[string][]byte{}
	for i := range 200 {
		more[fmt.Sprint("more", i)] = make([]byte, 1000)
	}
	c.PutAll(ctx, key, "header", more)
	kept := 0
	for id := range more {
		if _, ok := c.Get(ctx, key, "header", id); ok {
			kept++
		}
	}
	require.Greater(t, kept, 50)
	require.Less(t, kept, 100, "no more than the budget")
}

func TestCacheKeepsWithinItsBudget(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache")
	c, err := OpenCache(path, 100_000)
	require.NoError(t, err)
	data := make([]byte, 1000)
	for i := range 200 {
		c.Put(ctx, key, "header", fmt.Sprint(i), data)
	}
	kept := 0
	for i := range 200 {
		if got, ok := c.Get(ctx, key, "header", fmt.Sprint(i)); ok {
			require.Equal(t, data, got)
			kept++
		}
	}
	require.InDelta(t, 90, kept, 9)
	_, oldest := c.Get(ctx, key, "header", "0")
	require.False(t, oldest)
	c.Put(ctx, key, "header", "199", []byte("new"))
	got, ok := c.Get(ctx, key, "header", "199")
	require.True(t, ok)
	require.Equal(t, "new", string(got))
	_, ok = c.Get(ctx, store.Key{Server: "s", Account: "b"}, "header", "199")
	require.False(t, ok, "accounts do not see each other's octets")
	_, ok = c.Get(ctx, key, "body", "199")
	require.False(t, ok)
	c.Put(ctx, key, "body", "huge", make([]byte, 50_000))
	_, ok = c.Get(ctx, key, "body", "huge")
	require.False(t, ok)
	require.NoError(t, c.Close())

	c, err = OpenCache(path, 1000)
	require.NoError(t, err)
	_, ok = c.Get(ctx, key, "header", "150")
	require.False(t, ok, "a smaller budget holds at once")
	require.NoError(t, c.Close())
}

func TestDamagedCacheIsMadeAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache")
	require.NoError(t, os.WriteFile(path, []byte("not a bolt file"), 0o600))
	c, err := OpenCache(path, 1000)
	require.NoError(t, err)
	c.Put(ctx, key, "k", "i", []byte("v"))
	_, ok := c.Get(ctx, key, "k", "i")
	require.True(t, ok)
	require.NoError(t, c.Close())
}

func TestCacheDoesNotBelieveADamagedEntry(t *testing.T) {
	c, err := OpenCache(filepath.Join(t.TempDir(), "cache.bolt"), 1<<20)
	require.NoError(t, err)
	defer c.Close()
	key := store.Key{Server: "s", Account: "a"}
	c.Put(t.Context(), key, "digest", "id", []byte("octets"))
	require.NoError(t, c.update(func(tx *bolt.Tx) error {
		k := cacheKey(key, "digest", "id")
		v := bytes.Clone(tx.Bucket(cacheData).Get(k))
		v[len(v)-1] ^= 1
		return tx.Bucket(cacheData).Put(k, v)
	}))
	_, ok := c.Get(t.Context(), key, "digest", "id")
	require.False(t, ok)
}
