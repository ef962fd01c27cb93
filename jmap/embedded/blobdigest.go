package embedded

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
)

// digestProperty is what stands before the name of an algorithm in a property of Blob (RFC 9404 section 4.2).
const digestProperty = "digest:"

// digestAlgorithms are the digests that Blob/get calculates, the best first.
var digestAlgorithms = []string{"sha-256", "sha-512", "sha"}

// digestAlgorithm is the algorithm that a property names, or empty.
func digestAlgorithm(property string) string {
	name, ok := strings.CutPrefix(property, digestProperty)
	if !ok || !slices.Contains(digestAlgorithms, name) {
		return ""
	}
	return name
}

// digestJSON is the digest of octets as a JSON string.
func digestJSON(algorithm string, octets []byte) json.RawMessage {
	var sum []byte
	switch algorithm {
	case "sha-256":
		d := sha256.Sum256(octets)
		sum = d[:]
	case "sha-512":
		d := sha512.Sum512(octets)
		sum = d[:]
	default:
		d := sha1.Sum(octets)
		sum = d[:]
	}
	return json.RawMessage(`"` + base64.StdEncoding.EncodeToString(sum) + `"`)
}
