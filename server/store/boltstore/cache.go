package boltstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"os"
	"path/filepath"
	"slices"

	bolt "github.com/boltdb/bolt"

	"github.com/dragoman-mail/dragoman/server/store"
)

var (
	cacheData  = []byte("data")  // key → place in the order (8 octets), checksum (4 octets), octets
	cacheOrder = []byte("order") // place → key
	cacheMeta  = []byte("meta")
	usedKey    = []byte("used")
)

// entryHead is what stands before the octets of an entry.
const entryHead = 12

// checksum tells an entry of which a power cut has left a part.
func checksum(data []byte) []byte {
	return binary.BigEndian.AppendUint32(nil, crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)))
}

// entryCost is what an entry takes besides its key and its octets, roughly.
const entryCost = 64

// Cache keeps octets in a bolt file of its own, which is not synced: after a crash it may be damaged, and is then made anew.
type Cache struct {
	db     *bolt.DB
	budget int64
}

var _ store.Cache = (*Cache)(nil)

// OpenCache opens the cache in a file and keeps it within budget octets. A damaged file, or one of another version, is replaced.
func OpenCache(path string, budget int64) (*Cache, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	c, err := openCache(path, budget)
	if errors.Is(err, store.ErrDamaged) || errors.Is(err, store.ErrNewer) {
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("replacing a damaged cache: %w", err)
		}
		c, err = openCache(path, budget)
	}
	return c, err
}

func openCache(path string, budget int64) (*Cache, error) {
	db, err := openFile(path, bolt.Options{NoSync: true, NoFreelistSync: true})
	if err != nil {
		return nil, err
	}
	c := &Cache{db: db, budget: budget}
	err = c.update(func(tx *bolt.Tx) error {
		for _, name := range [][]byte{cacheData, cacheOrder, cacheMeta} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return c.trim(tx)
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", path, err), db.Close())
	}
	return c, nil
}

func (c *Cache) update(work func(*bolt.Tx) error) error {
	return guard(func() error { return c.db.Update(work) })
}

// Close closes the file.
func (c *Cache) Close() error { return c.db.Close() }

func cacheKey(key store.Key, kind, id string) []byte {
	w := &writer{b: keyOf(key)}
	w.text(kind)
	w.text(id)
	return w.b
}

// Get implements store.Cache.
func (c *Cache) Get(_ context.Context, key store.Key, kind, id string) (data []byte, ok bool) {
	err := guard(func() error {
		return c.db.View(func(tx *bolt.Tx) error {
			v := tx.Bucket(cacheData).Get(cacheKey(key, kind, id))
			if len(v) >= entryHead && bytes.Equal(v[8:entryHead], checksum(v[entryHead:])) {
				data, ok = bytes.Clone(v[entryHead:]), true
			}
			return nil
		})
	})
	return data, ok && err == nil
}

// Put implements store.Cache. What is larger than an eighth of the budget is not kept.
func (c *Cache) Put(ctx context.Context, key store.Key, kind, id string, data []byte) {
	c.PutAll(ctx, key, kind, map[string][]byte{id: data})
}

// PutAll implements store.Cache.
func (c *Cache) PutAll(_ context.Context, key store.Key, kind string, data map[string][]byte) {
	// A failure is that of a file that can be lost; the next Get finds nothing.
	_ = c.update(func(tx *bolt.Tx) error {
		for _, id := range slices.Sorted(maps.Keys(data)) {
			if err := c.put(tx, cacheKey(key, kind, id), data[id]); err != nil {
				return err
			}
		}
		return c.trim(tx)
	})
}

func (c *Cache) put(tx *bolt.Tx, k, data []byte) error {
	if cost(k, data) > c.budget/8 || len(k) > bolt.MaxKeySize {
		return nil
	}
	values, order := tx.Bucket(cacheData), tx.Bucket(cacheOrder)
	used := usedOf(tx)
	if old := values.Get(k); len(old) >= entryHead {
		used -= cost(k, old[entryHead:])
		if err := order.Delete(old[:8]); err != nil {
			return err
		}
	}
	place, err := order.NextSequence()
	if err != nil {
		return err
	}
	if err := values.Put(k, slices.Concat(number64(place), checksum(data), data)); err != nil {
		return err
	}
	if err := order.Put(number64(place), k); err != nil {
		return err
	}
	return setUsed(tx, used+cost(k, data))
}

func cost(key, data []byte) int64 { return int64(len(key)) + int64(len(data)) + entryCost }

func usedOf(tx *bolt.Tx) int64 {
	if v := tx.Bucket(cacheMeta).Get(usedKey); len(v) == 8 {
		return int64(binary.BigEndian.Uint64(v))
	}
	return 0
}

func setUsed(tx *bolt.Tx, used int64) error {
	return tx.Bucket(cacheMeta).Put(usedKey, number64(uint64(max(used, 0))))
}

// trim forgets the oldest entries until the rest is within the budget.
func (c *Cache) trim(tx *bolt.Tx) error {
	used := usedOf(tx)
	if used <= c.budget {
		return nil
	}
	values, order := tx.Bucket(cacheData), tx.Bucket(cacheOrder)
	for used > c.budget {
		place, k := order.Cursor().First()
		if place == nil {
			used = 0
			break
		}
		if v := values.Get(k); len(v) >= entryHead {
			used -= cost(k, v[entryHead:])
		}
		if err := values.Delete(k); err != nil {
			return err
		}
		if err := order.Delete(place); err != nil {
			return err
		}
	}
	return setUsed(tx, used)
}
