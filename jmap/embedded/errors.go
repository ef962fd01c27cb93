package embedded

import "errors"

// ErrInUse says that another process, or another Store of this one, has the directory open.
var ErrInUse = errors.New("the data directory is in use by another process")

// ErrCorrupt says that a bolt file was cut short or overwritten.
var ErrCorrupt = errors.New("the file is damaged")

// ErrVersion says that the data was written by a newer version of this program.
var ErrVersion = errors.New("the data was written by a newer version")

// ErrAccountExists is given for a name that already has an account.
var ErrAccountExists = errors.New("the account exists already")

// ErrNoAccount is given for a name without an account.
var ErrNoAccount = errors.New("there is no such account")

// ErrTooLarge is given for a blob above Limits.MaxSizeUpload.
var ErrTooLarge = errors.New("the blob is larger than the limit")

// errNoBlob is given for a blob id that stands for nothing in the account.
var errNoBlob = errors.New("there is no such blob")
