package embedded

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// blobs keeps octets as files named by their digest, in folders by the first two characters.
type blobs struct {
	dir string
	tmp string
	// mu keeps the collector from removing a file while put finds it to be there.
	mu     sync.Mutex
	intact intact
}

// openBlobs makes the folders and removes what an interrupted upload left.
func openBlobs(dir string) (*blobs, error) {
	s := &blobs{dir: filepath.Join(dir, "blobs"), tmp: filepath.Join(dir, "tmp")}
	if err := os.RemoveAll(s.tmp); err != nil {
		return nil, fmt.Errorf("sweeping temporary files: %w", err)
	}
	for _, d := range []string{s.dir, s.tmp} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, fmt.Errorf("making the blob directory: %w", err)
		}
	}
	return s, errors.Join(syncDir(dir), syncDir(s.dir))
}

func (s *blobs) path(d digest) string {
	name := d.String()
	return filepath.Join(s.dir, name[:2], name)
}

// put stores all of r, which has at most limit octets, and returns when it is durable.
func (s *blobs) put(r io.Reader, limit int64, now time.Time) (d digest, size int64, err error) {
	return s.write(now, func(w io.Writer) error {
		n, err := io.Copy(w, io.LimitReader(r, limit+1))
		if err == nil && n > limit {
			err = ErrTooLarge
		}
		return err
	})
}

// write stores what f writes, likewise.
func (s *blobs) write(now time.Time, f func(io.Writer) error) (d digest, size int64, err error) {
	file, err := os.CreateTemp(s.tmp, "")
	if err != nil {
		return d, 0, fmt.Errorf("storing a blob: %w", err)
	}
	defer os.Remove(file.Name())
	defer file.Close()
	sum := sha256.New()
	if err := f(io.MultiWriter(file, sum)); err != nil {
		return d, 0, fmt.Errorf("storing a blob: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return d, 0, fmt.Errorf("storing a blob: %w", err)
	}
	sum.Sum(d[:0])
	return d, info.Size(), s.place(file, d, now)
}

// place renames a temporary file to its digest, unless one is there that is whole.
func (s *blobs) place(f *os.File, d digest, now time.Time) error {
	found, err := s.touch(d, now)
	if err != nil {
		return err
	}
	if found && s.isWhole(d) { // but perhaps by an upload that has not come to the end of this function
		return syncDir(filepath.Dir(s.path(d)))
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("storing a blob: %w", err)
	}
	path := s.path(d)
	if err := s.makeFolder(filepath.Dir(path)); err != nil {
		return err
	}
	s.mu.Lock()
	s.intact.forget(d)
	err = errors.Join(os.Rename(f.Name(), path), os.Chtimes(path, time.Time{}, now))
	s.mu.Unlock()
	if err != nil {
		return fmt.Errorf("storing a blob: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// touch makes a blob that is there already as young as one uploaded now.
func (s *blobs) touch(d digest, now time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := os.Chtimes(s.path(d), time.Time{}, now)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("storing a blob: %w", err)
	}
	return true, nil
}

func (s *blobs) makeFolder(path string) error {
	err := os.Mkdir(path, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("storing a blob: %w", err)
	}
	return syncDir(s.dir)
}

// open fails with errNoBlob when there is none, and with ErrCorrupt when its file is damaged.
func (s *blobs) open(d digest) (*os.File, error) {
	f, err := s.openAsIs(d)
	if err != nil {
		return nil, err
	}
	if err := s.check(f, d); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (s *blobs) openAsIs(d digest) (*os.File, error) {
	f, err := os.Open(s.path(d))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoBlob
	}
	return f, err
}

func (s *blobs) size(d digest) (int64, error) {
	info, err := os.Stat(s.path(d))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, errNoBlob
	}
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// read returns all octets of a blob. It fails as open does.
func (s *blobs) read(d digest) ([]byte, error) {
	b, err := os.ReadFile(s.path(d))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoBlob
	}
	if err == nil && sha256.Sum256(b) != d {
		err = s.damaged(d)
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}

// copyFrom takes over a blob from another account.
func (s *blobs) copyFrom(from *blobs, d digest, now time.Time) error {
	f, err := from.open(d)
	if err != nil {
		return err
	}
	defer f.Close()
	got, _, err := s.put(f, 1<<62, now)
	if err == nil && got != d {
		err = fmt.Errorf("copying blob %s: %w", d, ErrCorrupt)
	}
	return err
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("syncing a folder: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("syncing %s: %w", path, err)
	}
	return nil
}
