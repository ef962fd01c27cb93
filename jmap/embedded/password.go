package embedded

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"runtime"
	"sync"
)

const (
	// defaultIterations is what OWASP asks of PBKDF2 with HMAC-SHA-256.
	defaultIterations = 600_000
	maxVerified       = 10_000
)

// passwordHash is PBKDF2-HMAC-SHA-256 of a password.
type passwordHash struct {
	Salt, Hash []byte
	Iterations int
}

// hashing makes and checks password hashes. Checks that succeeded are remembered under a keyed
// hash, so that a client that sends its password with each request pays once.
type hashing struct {
	iterations int
	slots      chan struct{} // bounds the processors that are busy with hashes
	key        [32]byte
	dummy      passwordHash

	mu       sync.Mutex
	verified map[[32]byte]struct{}
}

func (h *hashing) setup(iterations int) {
	if iterations <= 0 {
		iterations = defaultIterations
	}
	h.iterations = iterations
	h.slots = make(chan struct{}, runtime.GOMAXPROCS(0))
	rand.Read(h.key[:])
	h.dummy = passwordHash{Salt: h.key[:16], Hash: h.key[:], Iterations: iterations}
	h.verified = map[[32]byte]struct{}{}
}

func (h *hashing) hash(password string) (passwordHash, error) {
	p := passwordHash{Salt: make([]byte, 16), Iterations: h.iterations}
	rand.Read(p.Salt)
	var err error
	p.Hash, err = h.derive(p, password)
	return p, err
}

func (h *hashing) derive(p passwordHash, password string) ([]byte, error) {
	h.slots <- struct{}{}
	defer func() { <-h.slots }()
	return pbkdf2.Key(sha256.New, password, p.Salt, p.Iterations, sha256.Size)
}

// verify checks a password. A nil user costs as much time as a wrong password.
func (h *hashing) verify(u *user, password string) bool {
	hash := h.dummy
	name := ""
	if u != nil {
		hash, name = u.Password, u.Name
	}
	mac := hmac.New(sha256.New, h.key[:])
	mac.Write([]byte(name))
	mac.Write([]byte{0})
	mac.Write([]byte(password))
	mac.Write(hash.Hash)
	var token [32]byte
	mac.Sum(token[:0])

	h.mu.Lock()
	_, known := h.verified[token]
	h.mu.Unlock()
	if known {
		return true
	}
	got, err := h.derive(hash, password)
	if err != nil || subtle.ConstantTimeCompare(got, hash.Hash) != 1 || u == nil {
		return false
	}
	h.remember(token)
	return true
}

func (h *hashing) remember(token [32]byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.verified) >= maxVerified {
		clear(h.verified)
	}
	h.verified[token] = struct{}{}
}

// forget drops what was remembered, as passwords changed.
func (h *hashing) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.verified)
}
