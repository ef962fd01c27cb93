package server_test

import (
	"fmt"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// fetchQuestions ask for all messages at once.
func fetchQuestions() []question {
	var all []question
	add := func(group string, items ...string) {
		for _, item := range items {
			all = append(all, question{group: group, command: "FETCH 1:* (" + item + ")"})
		}
	}
	add("ENVELOPE", "ENVELOPE")
	add("BODY", "BODY")
	add("BODYSTRUCTURE", "BODYSTRUCTURE")
	add("FLAGS, INTERNALDATE, RFC822.SIZE", "FLAGS", "INTERNALDATE", "RFC822.SIZE")
	add("BODY[], BODY[HEADER], BODY[TEXT]", "BODY.PEEK[]", "BODY.PEEK[HEADER]", "BODY.PEEK[TEXT]")
	add("RFC822, RFC822.HEADER, RFC822.TEXT", "RFC822", "RFC822.HEADER", "RFC822.TEXT")
	add("BODY[], BODY[HEADER], BODY[TEXT]", "BODY[]", "BODY[HEADER]", "BODY[TEXT]")
	add("HEADER.FIELDS",
		"BODY.PEEK[HEADER.FIELDS (SUBJECT)]",
		"BODY.PEEK[HEADER.FIELDS (From To Cc Bcc Date)]",
		"BODY.PEEK[HEADER.FIELDS (X-Twice received)]",
		"BODY.PEEK[HEADER.FIELDS (X-Rope X-Line-999 References)]",
		"BODY.PEEK[HEADER.FIELDS (X-Not-There)]",
		`BODY.PEEK[HEADER.FIELDS ("Content-Type" "subject")]`,
		"BODY.PEEK[HEADER.FIELDS.NOT (SUBJECT)]",
		"BODY.PEEK[HEADER.FIELDS.NOT (From To Received X-Twice Content-Type)]",
		"BODY.PEEK[HEADER.FIELDS.NOT (X-Not-There)]",
		"BODY.PEEK[1.HEADER.FIELDS (Subject)]",
		"BODY.PEEK[2.HEADER.FIELDS (Subject)]",
		"BODY.PEEK[2.HEADER.FIELDS.NOT (From)]",
	)
	addPartial := func(partial string, sections ...string) {
		for _, section := range sections {
			all = append(all, question{
				group: "partials", name: partial, command: fmt.Sprintf("FETCH 1:* (BODY.PEEK[%s]<%s>)", section, partial),
			})
		}
	}
	for _, partial := range []string{"0.10", "10.100", "7.1000000", "1000000.10"} {
		addPartial(partial, "", "HEADER", "TEXT", "1", "1.MIME", "HEADER.FIELDS (SUBJECT FROM)", "HEADER.FIELDS.NOT (SUBJECT)")
	}
	addPartial("0.1", "", "TEXT")
	addPartial("0.4294967295", "", "1")
	for _, macro := range []string{"FAST", "ALL", "FULL"} {
		all = append(all, question{group: "macros", name: macro, command: "FETCH 1:* " + macro})
	}
	all = append(all,
		question{group: "sets", name: "UID FETCH a:b", command: "UID FETCH {uid 3}:{uid 7} (FLAGS)"},
		question{group: "sets", name: "UID FETCH b:a", command: "UID FETCH {uid 7}:{uid 3} (FLAGS)"},
		question{group: "sets", name: "UID FETCH a:*", command: "UID FETCH {uid 140}:* (FLAGS)"},
		question{group: "sets", name: "UID FETCH beyond:*", command: "UID FETCH 4000000000:* (FLAGS)"},
		question{group: "sets", name: "UID FETCH beyond", command: "UID FETCH 4000000000 (FLAGS)"},
		question{group: "sets", name: "FETCH list", command: "FETCH 1,3,5:7,2 (FLAGS)"},
		question{group: "sets", name: "FETCH *", command: "FETCH * (FLAGS)"},
		question{group: "sets", name: "FETCH *:5", command: "FETCH *:5 (FLAGS)"},
	)
	return all
}

// partQuestions ask for each part of one message by its number, and for some that do not exist.
func partQuestions(seq int, message string, structures ...imap.Body) (parts question, binary []question) {
	seen := map[string]bool{}
	var paths []string
	note := func(path string) {
		if path != "" && !seen[path] {
			seen[path] = true
			paths = append(paths, path)
		}
	}
	for _, b := range structures {
		walkParts(b, "", true, note)
	}
	for _, path := range []string{"1", "1.1", "2", "3.1", "99", "1.99", "4294967295"} {
		note(path)
	}
	if len(paths) > 40 {
		paths = append(paths[:30], paths[len(paths)-8:]...)
	}
	var items []string
	for _, path := range paths {
		for _, text := range []string{"", ".MIME", ".HEADER", ".TEXT"} {
			items = append(items, "BODY.PEEK["+path+text+"]")
		}
		items = append(items, "BODY.PEEK["+path+".HEADER.FIELDS (SUBJECT)]")
	}
	return question{
		group: "BODY[n], .MIME, .HEADER, .TEXT", message: message, command: fmt.Sprintf("FETCH %d (%s)", seq, strings.Join(items, " ")),
	}, binaryQuestions(seq, message, paths)
}

// binaryQuestions ask for all binary items at once, and then one by one for the case that one of them fails its command.
func binaryQuestions(seq int, message string, paths []string) []question {
	items := []string{"[]", ".SIZE[]", "[1]<3.9>", "[1]<9000.9>"}
	for _, path := range paths {
		items = append(items, "["+path+"]", ".SIZE["+path+"]")
	}
	for i, item := range items {
		if !strings.HasPrefix(item, ".") {
			item = ".PEEK" + item
		}
		items[i] = "BINARY" + item
	}
	all := []question{{group: "BINARY", message: message, command: fmt.Sprintf("FETCH %d (%s)", seq, strings.Join(items, " "))}}
	for _, item := range items {
		all = append(all, question{group: "BINARY", message: message, command: fmt.Sprintf("FETCH %d (%s)", seq, item)})
	}
	return all
}

// walkParts notes the numbers of all parts below b, whose own number is path (RFC 9051 section 6.4.5.1).
func walkParts(b imap.Body, path string, message bool, note func(string)) {
	multipart, ok := b.(*imap.BodyMultipart)
	if !ok {
		if message {
			path = strings.TrimPrefix(path+".1", ".")
		}
		note(path)
		if m, ok := b.(*imap.BodyMessage); ok {
			walkParts(m.Body, path, true, note)
		}
		return
	}
	note(path)
	for i, part := range multipart.Parts {
		walkParts(part, strings.TrimPrefix(fmt.Sprintf("%s.%d", path, i+1), "."), false, note)
	}
	note(strings.TrimPrefix(fmt.Sprintf("%s.%d", path, len(multipart.Parts)+1), "."))
}
