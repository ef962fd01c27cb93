package store

import "errors"

var (
	// ErrConflict says that the account was changed by another process since it was read.
	ErrConflict = errors.New("the account was changed by another process")
	// ErrDamaged says that a file is not what was written.
	ErrDamaged = errors.New("the file is damaged")
	// ErrInUse says that another process has the file open.
	ErrInUse = errors.New("the file is in use by another process")
	// ErrNewer says that a newer version of the program wrote the file.
	ErrNewer = errors.New("the file was written by a newer version")
	// ErrClosed says that the store was closed.
	ErrClosed = errors.New("the store is closed")
)
