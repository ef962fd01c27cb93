package boltfile

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	bolt "github.com/boltdb/bolt"
	"github.com/stretchr/testify/require"
)

// made returns the path and the octets of a file that two transactions wrote to.
func made(t testing.TB, pageSize int) (string, []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made.bolt")
	db, err := bolt.Open(path, 0o600, &bolt.Options{PageSize: pageSize})
	require.NoError(t, err)
	for _, name := range []string{"first", "second"} {
		require.NoError(t, db.Update(func(tx *bolt.Tx) error {
			b, err := tx.CreateBucket([]byte(name))
			if err != nil {
				return err
			}
			return b.Put([]byte("key"), make([]byte, 3*pageSize))
		}))
	}
	require.NoError(t, db.Close())
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return path, data
}

func TestCheck(t *testing.T) {
	for _, pageSize := range []int{1 << 10, 4 << 10, 64 << 10} {
		path, whole := made(t, pageSize)
		require.NoError(t, Check(path))
		need, err := Size(bytes.NewReader(whole))
		require.NoError(t, err)
		require.Zero(t, need%int64(pageSize))
		require.NoError(t, os.Truncate(path, need))
		require.NoError(t, Check(path), "what is behind the pages in use was only reserved")
		for _, size := range []int64{need - 1, need / 2, int64(pageSize), 100, 1} {
			require.NoError(t, os.Truncate(path, size))
			require.ErrorIs(t, Check(path), ErrDamaged, "%d of %d octets", size, need)
		}
	}
}

func TestCheckOneMetaPage(t *testing.T) {
	path, whole := made(t, 4<<10)
	for broken, offset := range []int{0, 4 << 10} {
		data := bytes.Clone(whole)
		data[offset+pageHeader+8] ^= 0xff
		require.NoError(t, os.WriteFile(path, data, 0o600))
		require.NoError(t, Check(path), "meta page %d is damaged, the other one is not", broken)
	}
	require.NoError(t, os.WriteFile(path, make([]byte, len(whole)), 0o600))
	require.ErrorIs(t, Check(path), ErrDamaged)
}

func TestCheckNoFile(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, Check(filepath.Join(dir, "missing")))
	empty := filepath.Join(dir, "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	require.NoError(t, Check(empty))
	require.ErrorIs(t, Check(dir), ErrDamaged)
}

func FuzzSize(f *testing.F) {
	_, whole := made(f, 1<<10)
	f.Add(whole[:4<<10])
	f.Add(whole[:100])
	f.Fuzz(func(t *testing.T, data []byte) {
		if size, err := Size(bytes.NewReader(data)); err != nil {
			require.ErrorIs(t, err, ErrDamaged)
		} else {
			require.Positive(t, size)
		}
	})
}
