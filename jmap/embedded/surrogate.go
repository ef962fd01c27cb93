package embedded

import (
	"bytes"
	"fmt"
	"strconv"
)

// checkSurrogates finds escapes in JSON text that are half of a character, which I-JSON does not have (RFC 8620 section 1.5).
// Beyond them the text must be valid.
func checkSurrogates(text []byte) error {
	for rest := text; ; {
		i := bytes.IndexByte(rest, '\\')
		if i < 0 {
			return nil
		}
		if rest = rest[i:]; rest[1] != 'u' {
			rest = rest[2:]
			continue
		}
		at := len(text) - len(rest)
		first := codeUnit(rest)
		rest = rest[6:]
		switch {
		case first&^0x3ff == 0xd800 && codeUnit(rest)&^0x3ff == 0xdc00:
			rest = rest[6:]
		case first&^0x7ff == 0xd800:
			return fmt.Errorf("parsing I-JSON: half of a surrogate pair at octet %d", at)
		}
	}
}

// codeUnit reads a \u escape; it is 0 where there is none.
func codeUnit(text []byte) uint64 {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0
	}
	n, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	if err != nil {
		return 0
	}
	return n
}
