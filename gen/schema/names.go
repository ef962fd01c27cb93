package schema

import (
	"strings"
	"unicode"
)

// initialisms are written in capitals in Go names.
var initialisms = map[string]string{
	"id": "ID", "ids": "IDs", "url": "URL", "html": "HTML", "dsn": "DSN", "mdn": "MDN", "smtp": "SMTP",
	"cid": "CID", "api": "API", "json": "JSON",
}

// goName turns a name such as mailboxIds into MailboxIDs.
func goName(name string) string {
	var b strings.Builder
	for _, word := range words(name) {
		lower := strings.ToLower(word)
		if upper, ok := initialisms[lower]; ok {
			b.WriteString(upper)
			continue
		}
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// fileName turns a type name such as EmailGet into email_get.go.
func fileName(name string) string {
	return strings.ToLower(strings.Join(words(name), "_")) + ".go"
}

// words splits camel case, and at colons; a run of capitals is one word, but for its last letter before a small one.
func words(name string) []string {
	var list []string
	for piece := range strings.SplitSeq(strings.TrimLeft(name, "@"), ":") {
		list = append(list, camelWords(piece)...)
	}
	return list
}

func camelWords(name string) []string {
	runes := []rune(name)
	var list []string
	start := 0
	for i := 1; i < len(runes); i++ {
		afterSmall := unicode.IsUpper(runes[i]) && !unicode.IsUpper(runes[i-1])
		beforeSmall := unicode.IsUpper(runes[i]) && i+1 < len(runes) && unicode.IsLower(runes[i+1])
		if afterSmall || beforeSmall {
			list = append(list, string(runes[start:i]))
			start = i
		}
	}
	return append(list, string(runes[start:]))
}

// methodTypeName turns Email/get into EmailGet.
func methodTypeName(method string) string {
	of, verb, _ := strings.Cut(method, "/")
	return of + strings.ToUpper(verb[:1]) + verb[1:]
}
