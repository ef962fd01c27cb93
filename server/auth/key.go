package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
)

// key stands for credentials in the cache, so that no password is kept there.
type key [sha256.Size]byte

// keyMaker hashes with a secret that lives as long as the process.
type keyMaker [sha256.Size]byte

func newKeyMaker() (m keyMaker) {
	rand.Read(m[:])
	return m
}

func (m keyMaker) of(user, password string) (k key) {
	mac := hmac.New(sha256.New, m[:])
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(user))))
	mac.Write([]byte(user))
	mac.Write([]byte(password))
	mac.Sum(k[:0])
	return k
}
