package server

import (
	"time"

	"github.com/dragoman-mail/dragoman/server/wire"
)

// Limits bound what clients may take. Zero fields mean the defaults.
type Limits struct {
	// LoginInput bounds a command before login, Input one after it.
	LoginInput, Input wire.Limits
	// LoginTime is how long a connection may live without having logged in.
	LoginTime time.Duration
	// IdleTime is how long a logged-in client may be silent. RFC 9051 section 5.4 demands 30 minutes at least.
	IdleTime time.Duration
	// PieceTime is how long a client may pause in the middle of a command, such as within a literal.
	PieceTime time.Duration
	// WriteTime is how long a client may take to accept 64 KiB.
	WriteTime time.Duration
	// HandshakeTime is how long a TLS handshake may take.
	HandshakeTime time.Duration
	// KeepAlive is the pause between two untagged OK during IDLE: less than what NAT boxes forget a connection after.
	KeepAlive time.Duration
	// Progress is the pause between two untagged OK during a command that takes long, so that clients do not give up; RFC 9585
	// section 4 recommends 10 to 15 seconds.
	Progress time.Duration
	// LoginErrors is how many syntax errors in a row end a connection before login, Errors after it.
	LoginErrors, Errors int
	// Connections bounds all connections of the server, ConnectionsPerUser the logged-in ones of a user. Clients open
	// several each, and a household shares an address, hence no bound by address.
	Connections, ConnectionsPerUser int
}

// DefaultLimits are those of a server whose configuration says nothing.
var DefaultLimits = Limits{
	// A user name and a password fit; nobody knows yet who sends it.
	LoginInput: wire.Limits{Line: 8 << 10, Literals: 4 << 10, Count: 8, Discard: 1 << 30},
	// Clients name thousands of UIDs in one line: 10,000 of them take 70 KiB. RFC 2683 section 3.2.1.5 asks for
	// 8,000 octets at least.
	Input:              wire.Limits{Line: 256 << 10, Literals: 1 << 20, Count: 1000, Discard: 1 << 30},
	LoginTime:          3 * time.Minute,
	IdleTime:           31 * time.Minute,
	PieceTime:          5 * time.Minute,
	WriteTime:          2 * time.Minute,
	HandshakeTime:      30 * time.Second,
	KeepAlive:          2 * time.Minute,
	Progress:           10 * time.Second,
	LoginErrors:        5,
	Errors:             50,
	Connections:        20_000,
	ConnectionsPerUser: 200,
}

func (l Limits) withDefaults() Limits {
	d := DefaultLimits
	orLimits(&l.LoginInput, d.LoginInput)
	orLimits(&l.Input, d.Input)
	or(&l.LoginTime, d.LoginTime)
	or(&l.IdleTime, d.IdleTime)
	or(&l.PieceTime, d.PieceTime)
	or(&l.WriteTime, d.WriteTime)
	or(&l.HandshakeTime, d.HandshakeTime)
	or(&l.KeepAlive, d.KeepAlive)
	or(&l.Progress, d.Progress)
	or(&l.LoginErrors, d.LoginErrors)
	or(&l.Errors, d.Errors)
	or(&l.Connections, d.Connections)
	or(&l.ConnectionsPerUser, d.ConnectionsPerUser)
	return l
}

func orLimits(l *wire.Limits, d wire.Limits) {
	or(&l.Line, d.Line)
	or(&l.Literals, d.Literals)
	or(&l.Count, d.Count)
	or(&l.Discard, d.Discard)
}

func or[T comparable](value *T, otherwise T) {
	var zero T
	if *value == zero {
		*value = otherwise
	}
}
