package mime

import "strings"

// maxIDs is how many message ids of one field are read.
const maxIDs = 10_000

// ParseMessageIDs reads the ids of Message-ID, In-Reply-To or References, without
// their angle brackets (RFC 5322 section 3.6.4). Comments and the phrases of the
// obsolete syntax are skipped; nil means that there is no id.
func ParseMessageIDs(raw []byte) []string {
	var ids []string
	l := newLexer(raw)
	for !l.atEnd() && len(ids) < maxIDs {
		l.skipCFWS()
		switch {
		case l.take('<'):
			if id, ok := l.msgID(); ok {
				ids = append(ids, id)
			}
		case l.peek() == '"':
			if _, ok := l.quoted(); !ok {
				l.skip()
			}
		default:
			l.skip()
		}
	}
	return ids
}

// msgID reads up to the closing bracket; an id does not go past another opening one.
// White space inside comes from folding gone wrong and is dropped.
func (l *lexer) msgID() (string, bool) {
	id := l.until("<>")
	if !l.take('>') {
		return "", false
	}
	id = withoutSpace(id)
	return strings.ReplaceAll(id, "\x00", ""), id != ""
}

// ParseURLs reads the URLs of a List-* field (RFC 2369), without angle brackets;
// nil means that there is none.
func ParseURLs(raw []byte) []string {
	var urls []string
	l := newLexer(raw)
	for !l.atEnd() && len(urls) < maxIDs {
		l.skipCFWS()
		if !l.take('<') {
			l.skip()
			continue
		}
		if url, ok := l.msgID(); ok {
			urls = append(urls, url)
		}
	}
	return urls
}
