package embedded

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	bolt "github.com/boltdb/bolt"
)

// collectEvery is the time between two collections of blobs.
const collectEvery = time.Hour

// collectForever runs until Close.
func (s *Store) collectForever() {
	ticker := time.NewTicker(collectEvery)
	defer ticker.Stop()
	for {
		s.collectAll()
		select {
		case <-s.closing:
			return
		case <-ticker.C:
		}
	}
}

func (s *Store) collectAll() {
	s.mu.RLock()
	list := slices.Collect(maps.Values(s.accounts))
	s.mu.RUnlock()
	for _, a := range list {
		if _, err := a.collect(s.now().Add(-s.limits.BlobLifetime)); err != nil {
			s.log.Error("collecting blobs", "account", a.id, "err", err)
		}
	}
}

// collect removes the blobs that no Email refers to and that were uploaded before a time. It
// returns how many.
func (a *account) collect(before time.Time) (int, error) {
	removed := 0
	folders, err := os.ReadDir(a.blobs.dir)
	if err != nil {
		return 0, err
	}
	for _, folder := range folders {
		if a.store.isClosed() {
			break
		}
		old, err := a.oldBlobs(filepath.Join(a.blobs.dir, folder.Name()), before)
		if err != nil {
			return removed, err
		}
		for _, d := range old {
			gone, err := a.removeUnused(d, before)
			if err != nil {
				return removed, err
			}
			if gone {
				removed++
			}
		}
	}
	return removed, nil
}

// oldBlobs lists the blobs of a folder that are old and not in use by the last snapshot.
func (a *account) oldBlobs(folder string, before time.Time) ([]digest, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var old []digest
	err = a.view(func(s *snapshot) error {
		for _, e := range entries {
			d, ok := parseDigest(e.Name())
			if !ok || s.blobCount(d) > 0 {
				continue
			}
			if info, err := e.Info(); err == nil && info.ModTime().Before(before) {
				old = append(old, d)
			}
		}
		return nil
	})
	return old, err
}

// removeUnused looks again, this time with writers and uploads held off.
func (a *account) removeUnused(d digest, before time.Time) (gone bool, err error) {
	a.writing.Lock()
	defer a.writing.Unlock()
	a.blobs.mu.Lock()
	defer a.blobs.mu.Unlock()
	info, err := os.Lstat(a.blobs.path(d))
	if err != nil || !info.ModTime().Before(before) {
		return false, nil
	}
	err = guard(func() error {
		return a.db.View(func(tx *bolt.Tx) error {
			if (&snapshot{tx: tx}).blobCount(d) > 0 {
				return nil
			}
			gone = true
			return os.Remove(a.blobs.path(d))
		})
	})
	return gone, err
}
