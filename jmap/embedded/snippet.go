package embedded

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
)

// snippetOctets is the most that a preview has (RFC 8621 section 5).
const snippetOctets = 255

// snippetTerms are what a filter looks for in subjects and in bodies.
type snippetTerms struct{ subject, body searchTerms }

// gather collects the terms of conditions that are not negated.
func (t *snippetTerms) gather(f jmap.EmailFilter) {
	switch f := f.(type) {
	case *jmap.EmailFilterCondition:
		text := parseTerms(f.Text)
		t.subject = append(append(t.subject, text...), parseTerms(f.Subject)...)
		t.body = append(append(t.body, text...), parseTerms(f.Body)...)
	case *jmap.EmailFilterOperator:
		if f.Operator == jmap.FilterNot {
			return
		}
		for _, c := range f.Conditions {
			t.gather(c)
		}
	}
}

// searchSnippetGet shows where Emails match (RFC 8621 section 5.1).
func searchSnippetGet(b *batch, q *jmap.SearchSnippetGet) (jmap.Method, error) {
	a, err := b.account(q.AccountID)
	if err != nil {
		return nil, err
	}
	want, err := b.want(prefixEmail, q.EmailIDs)
	if err != nil {
		return nil, err
	}
	response := &jmap.SearchSnippetGetResponse{AccountID: q.AccountID, List: []jmap.SearchSnippet{}}
	response.NotFound = append(response.NotFound, want.notFound...)
	left := &meter{b.room()}
	err = a.viewMessages(func(s *snapshot) error {
		boxes, err := s.mailboxes()
		if err != nil {
			return err
		}
		if _, err := compileFilter(q.Filter, boxes, b.store.limits.MaxFilterDepth); err != nil {
			return err
		}
		var terms snippetTerms
		terms.gather(q.Filter)
		err = s.eachEmail(want.numbers, &response.NotFound, func(row *emailRow) error {
			snippet, err := terms.snippet(b, s, row)
			if err != nil {
				return err
			}
			if !left.take(len(snippet.AppendJSON(nil)) + 1) {
				return errTooMuch("the response would be too large")
			}
			response.List = append(response.List, *snippet)
			return nil
		})
		if err != nil {
			return err
		}
		return b.ctx.Err()
	})
	return response, err
}

func (t *snippetTerms) snippet(b *batch, s *snapshot, row *emailRow) (*jmap.SearchSnippet, error) {
	snippet := &jmap.SearchSnippet{EmailID: emailID(row.id)}
	h, err := s.headers(row.id)
	if err != nil {
		return nil, err
	}
	if h.Subject != nil {
		subject := squeeze(*h.Subject)
		if spans := findTerms(subject, t.subject); len(spans) > 0 {
			marked := mark(subject, spans)
			snippet.Subject = &marked
		}
	}
	if len(t.body) == 0 {
		return snippet, nil
	}
	err = b.withMessage(s.account, row.blob, int64(row.size), func(octets []byte) error {
		snippet.Preview = t.preview(octets)
		return nil
	})
	return snippet, s.found(err, row.blob)
}

// preview is nil when no text of the message matches.
func (t *snippetTerms) preview(message []byte) (preview *string) {
	eachPiece(mime.Parse(message), func(piece textPiece) bool {
		text := squeeze(piece.text)
		if spans := findTerms(text, t.body); len(spans) > 0 {
			marked := excerpt(text, spans)
			preview = &marked
		}
		return preview == nil
	})
	return preview
}

// findTerms returns where terms are in a text, in order and apart from each other.
func findTerms(s string, terms searchTerms) []mime.Span {
	folded, offsets := foldRunes(s)
	next := make([]int, len(terms)) // where each was found, or is not
	for i := range next {
		next[i] = -1
	}
	var spans []mime.Span
	for at := 0; at < len(folded); {
		start, end := len(folded), 0
		for n, term := range terms {
			if next[n] < at {
				next[n] = len(folded)
				if i := strings.Index(folded[at:], term); i >= 0 {
					next[n] = at + i
				}
			}
			if next[n] < start {
				start, end = next[n], next[n]+len(term)
			}
		}
		if end == 0 {
			break
		}
		spans = append(spans, mime.Span{Start: offsets[start], End: offsets[end]})
		if at = end; len(spans) == maxMarks {
			break
		}
	}
	return spans
}

// maxMarks bounds the matches that are marked in one text.
const maxMarks = 50

// foldRunes folds case character by character, and keeps where in s each octet comes from.
func foldRunes(s string) (folded string, offsets []int) {
	var b strings.Builder
	for i, r := range s {
		n, _ := b.WriteRune(unicode.ToLower(r))
		for range n {
			offsets = append(offsets, i)
		}
	}
	return b.String(), append(offsets, len(s))
}

const (
	markStart = "<mark>"
	markEnd   = "</mark>"
)

// mark escapes a text for HTML and marks the spans.
func mark(s string, spans []mime.Span) string {
	var b strings.Builder
	at := 0
	for _, span := range spans {
		b.WriteString(html.EscapeString(s[at:span.Start]) + markStart)
		b.WriteString(html.EscapeString(s[span.Start:span.End]) + markEnd)
		at = span.End
	}
	b.WriteString(html.EscapeString(s[at:]))
	return b.String()
}

// excerpt marks the neighbourhood of the first match, as much of it as a preview may have.
func excerpt(s string, spans []mime.Span) string {
	const before = 60
	start := max(0, spans[0].Start-before)
	for start > 0 && !utf8.RuneStart(s[start]) {
		start--
	}
	for end := min(len(s), start+snippetOctets); ; end -= 10 {
		for end > 0 && end < len(s) && !utf8.RuneStart(s[end]) {
			end--
		}
		if end <= start {
			return ""
		}
		var inside []mime.Span
		for _, span := range spans {
			if span.End <= end {
				inside = append(inside, mime.Span{Start: span.Start - start, End: span.End - start})
			}
		}
		if text := mark(s[start:end], inside); len(text) <= snippetOctets {
			return text
		}
	}
}
