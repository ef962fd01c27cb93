package importer

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/dragoman-mail/dragoman/cmd/dragoman/mailfile"
)

// item is a message on its way.
type item struct {
	journaled
	message  *mailfile.Message
	uploads  int    // how often it was uploaded
	rejected string // why it will not be imported, else empty
}

// digest reads the message once.
func digest(m *mailfile.Message) (sum string, size int64, err error) {
	content, err := m.Open()
	if err != nil {
		return "", 0, err
	}
	defer content.Close()
	hash := sha256.New()
	if size, err = io.Copy(hash, content); err != nil {
		return "", 0, err
	}
	return hex.EncodeToString(hash.Sum(nil)), size, nil
}

// key names the n-th message with these octets for a mailbox.
func key(path []string, sum string, n int) string {
	text := fmt.Sprintf("%s\x00%s\x00%d", strings.Join(path, "/"), sum, n)
	name := sha256.Sum256([]byte(text))
	return hex.EncodeToString(name[:16])
}
