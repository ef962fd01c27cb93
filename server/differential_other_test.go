package server_test

import (
	"fmt"
	"strings"
)

// differentialMailboxes are made natively, the first ones subscribed to.
var differentialMailboxes = []struct {
	name       string
	subscribed bool
}{
	{"Birds", true}, {"Birds/Waders", true}, {"Birds/Waders/Small", false}, {`"Odd name (1)"`, true}, {"D&AOk-j&AOA- vu", false},
	{"Deep/er/and/deeper", true}, {"Empty", false}, {"&Jjo-", true}, {"a.b", false}, {"inbox2", false}, {"INBOX/Sub", false},
}

func makeMailboxes(native *peer) {
	for _, m := range differentialMailboxes {
		name := m.name
		if name[0] != '"' {
			name = `"` + name + `"`
		}
		native.do("CREATE " + name)
		if m.subscribed {
			native.ok("SUBSCRIBE " + name)
		}
	}
	native.ok("SUBSCRIBE INBOX")
}

func listQuestions() []question {
	var all []question
	for _, pattern := range []string{
		`"" *`, `"" %`, `"" ""`, `"" INBOX`, `"" inbox`, `"" "Birds/%"`, `"" "Birds/*"`, `"Birds/" %`, `"Birds" "/%"`, `"" "%/%"`, `"" "*small"`, `"" "*Small"`,
		`"" "Nowhere"`, `"" "D&AOk-j&AOA- vu"`, `"" "Deep/%"`, `"" "%/er"`, `"" "Bird%"`, `"" "b*"`, `"" "i*"`, `"" "Odd name (1)"`, `"" "INBOX*"`, `"" "%%"`, `"" "**"`,
	} {
		for _, command := range []string{"LIST", "LSUB"} {
			all = append(all, question{group: command, name: command + " " + pattern, command: command + " " + pattern})
		}
	}
	for _, form := range []string{
		`LIST "" (% "Birds/*")`, `LIST (SUBSCRIBED) "" *`, `LIST (SUBSCRIBED) "" %`, `LIST (SUBSCRIBED RECURSIVEMATCH) "" %`, `LIST "" * RETURN (SUBSCRIBED)`,
		`LIST "" % RETURN (CHILDREN)`, `LIST "" % RETURN (SUBSCRIBED CHILDREN)`, `LIST (REMOTE) "" %`, `LIST "" INBOX RETURN (STATUS (MESSAGES UNSEEN))`,
		`LIST "" Empty RETURN (STATUS (MESSAGES UIDNEXT UIDVALIDITY))`, `LIST (RECURSIVEMATCH) "" %`, `LIST (NONSENSE) "" %`, `LIST () "" Birds`,
	} {
		all = append(all, question{group: "LIST", name: form, command: form})
	}
	for _, mailbox := range []string{"INBOX", "inbox", "Birds", "Birds/Waders", `"Odd name (1)"`, `"D&AOk-j&AOA- vu"`, "Nowhere", `"Deep/er"`} {
		for _, items := range []string{"MESSAGES", "RECENT", "UIDNEXT", "UIDVALIDITY", "UNSEEN", "MESSAGES UNSEEN UIDNEXT UIDVALIDITY", "SIZE"} {
			command := fmt.Sprintf("STATUS %s (%s)", mailbox, items)
			all = append(all, question{group: "STATUS", name: command, command: command})
		}
	}
	return all
}

// wrongCommands are answered BAD or NO, or are not wrong at all.
var wrongCommands = []string{
	"FETCH 0 FLAGS", "FETCH 99999 FLAGS", "FETCH 142:99999 FLAGS", "FETCH x FLAGS", "FETCH 1 NONSENSE", "FETCH 1 (BODY[)", "FETCH 1 BODY[0]", "FETCH 1 BODY[1.0]",
	"FETCH 1 BODY[MIME]", "FETCH 1 BODY[HEADER.FIELDS ()]", "FETCH 1 BODY[]<0.0>", "FETCH 1 BODY[]<5>", "FETCH 1 BODY[]<-1.5>", "FETCH 1 BINARY[HEADER]", "FETCH 1",
	"FETCH", "FETCH 1 ()", "FETCH 1 (FLAGS", "FETCH 1,,2 FLAGS", "FETCH 1:2:3 FLAGS", "FETCH 4294967296 FLAGS", "FETCH 1 BODY[1.MIME.TEXT]", "FETCH 1 RFC822.PEEK",
	"SEARCH", "SEARCH NONSENSE", "SEARCH FROM", "SEARCH ON yesterday", "SEARCH ON 31-Feb-2026", "SEARCH ON 1-Foo-2026", "SEARCH LARGER x", "SEARCH LARGER -1",
	"SEARCH OR SEEN", "SEARCH NOT", "SEARCH (SEEN", "SEARCH SEEN)", "SEARCH HEADER X", "SEARCH KEYWORD", "SEARCH 0", "SEARCH UID 0", "SEARCH CHARSET", "SEARCH RETURN ALL",
	"SEARCH RETURN (NONSENSE) ALL", "SEARCH KEYWORD \\Seen", "SEARCH 99999",
	"STORE 1 FLAGS (\\Nonsense)", "STORE 1 +FLAGS", "STORE 1 NONSENSE (\\Seen)", "STORE 99999 +FLAGS (\\Seen)", "STORE 1 +FLAGS (\\Seen", "STORE 1 +FLAGS (a{b)", "STORE 1 +FLAGS (\\Seen)",
	"COPY 1 Nowhere", "COPY 99999 Birds", "COPY 1", "UID COPY 4000000000 Birds", "UID FETCH 4000000000 FLAGS", "UID STORE 4000000000 +FLAGS (\\Seen)", "MOVE 1 Nowhere", "UID NONSENSE",
	"SELECT Nowhere", "SELECT", "SELECT a b c", "STATUS INBOX", "STATUS INBOX ()", "STATUS INBOX (NONSENSE)", "STATUS", "LIST", "LIST \"\"", "LSUB \"\"", "NONSENSE", "NOOP x",
	"CREATE", "CREATE INBOX", "CREATE Birds", "CREATE \"\"", "DELETE INBOX", "DELETE Nowhere", "DELETE \"\"", "RENAME Nowhere Elsewhere", "RENAME Birds INBOX", "RENAME Birds/Waders Empty", "RENAME Birds",
	"SUBSCRIBE", "UNSUBSCRIBE Nowhere", "APPEND", "APPEND INBOX", "APPEND Nowhere {3+}\r\nabc", "APPEND inbox2 (\\Seen {3+}\r\nabc", "APPEND inbox2 \"31-Feb-2026 00:00:00 +0000\" {3+}\r\nabc",
	"APPEND inbox2 \"yesterday\" {3+}\r\nabc", "LOGIN a b", "ENABLE", "ENABLE NONSENSE", "ID", "ID (\"name\")", "NAMESPACE x", "IDLE x", "EXPUNGE x", "UID EXPUNGE",
	"UID EXPUNGE x", "CHECK x", "GETQUOTA", "EXPUNGE", "SETACL INBOX",
}

// codeQuestions are asked for their response codes.
func codeQuestions() []question {
	var all []question
	for _, command := range []string{
		"SELECT INBOX", "UID COPY 1:* Nowhere", "COPY 1 Nowhere", "APPEND Nowhere {3+}\r\nabc", "SELECT inbox", `SELECT "Odd name (1)"`, "EXAMINE Empty", "SELECT Nowhere",
		"FETCH 1 FLAGS", "SELECT Birds", "EXAMINE INBOX", "STORE 1 +FLAGS (a)", "EXPUNGE", "UNSELECT", "FETCH 1 FLAGS", "DELETE Nowhere", "CREATE Birds", "RENAME Nowhere Elsewhere",
		"RENAME Empty Birds", "STATUS Nowhere (MESSAGES)", "CREATE INBOX", "DELETE INBOX", "SUBSCRIBE Birds", "NOOP", "CHECK", "CLOSE",
	} {
		all = append(all, question{group: "response codes", name: "codes: " + strings.ReplaceAll(command, "\r\n", " "), codes: true, command: command})
	}
	return all
}

// emptyQuestions are asked in a mailbox without messages.
func emptyQuestions() []question {
	var all []question
	for _, command := range []string{
		"FETCH 1:* FLAGS", "FETCH * FLAGS", "FETCH 1 FLAGS", "UID FETCH 1:* FLAGS", "UID FETCH 1 FLAGS", "SEARCH ALL", "UID SEARCH ALL", "SEARCH 1:*", "SEARCH *",
		"SEARCH UID 1:*", "SEARCH NOT 1:*", "SEARCH RETURN (MIN MAX COUNT ALL) ALL", "SEARCH RETURN () ALL", "UID COPY 1:* Birds", "COPY 1:* Birds", "COPY * Birds", "UID COPY 1 Nowhere",
	} {
		all = append(all, question{group: "empty mailbox", name: "empty: " + command, command: command})
	}
	return all
}

// wrongQuestions are asked in a mailbox that is selected read-only.
func wrongQuestions() []question {
	var all []question
	for _, command := range wrongCommands {
		all = append(all, question{group: "errors", name: strings.ReplaceAll(command, "\r\n", " "), command: command})
	}
	return all
}
