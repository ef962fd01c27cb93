// Package imaptest reads and runs ImapTest scripts against any IMAP server, and holds scripts of our own, written from the RFCs.
//
// A test is a script, a file NAME, and the mail that it needs, in NAME.mbox beside it or in the directory's default.mbox (mboxrd;
// the date of a message's From line becomes its INTERNALDATE). A script is header lines "key: value", an empty line, and commands.
// Lines that begin with "#" are comments.
//
//	capabilities: MOVE UIDPLUS
//	state: selected
//	messages: 3
//
//	ok store 1 +flags.silent (\Deleted)
//	ok expunge
//	* 1 expunge
//	! 2 expunge
//
// # Header
//
//   - capabilities: those without which the test is skipped; one that ends with "=", RIGHTS= for instance, may have any value.
//   - connections: how many; with two or more each command begins with the number of its connection.
//   - messages: how many to append, beginning again where the mbox ends, or "all", the default.
//   - state: how far to go before the script: nonauth, auth (log in, delete the test mailboxes), created, appended, selected (the
//     default).
//   - ignore_extra_untagged: with "no", each untagged reply must be listed.
//   - user N: whom connection N logs in as, $user2 for instance; "user_name: $user2 $user3" is for connections 2 and 3. Without
//     that all connections belong to the first user. A test that wants a user who was not given is skipped.
//
// # Commands
//
// There are three forms. "ok COMMAND" (or no, bad) expects that status; then come the untagged replies, as "* reply". The second one
// puts the status behind the untagged replies, and what the text behind it begins with: "ok [read-write]". The third one gives each
// command a tag, so that several are on their way at once: "tag1 COMMAND", "tag2 COMMAND", untagged replies, "tag1 ok", "tag2 ok". A tag is
// "tag" with a number, or any word that has its "WORD ok" in the same paragraph.
//
// "" in the place of a status expects none: any will do, the server may close the connection, and when it asks for more
// ("+"), or all untagged replies have come, the script goes on. The next command of that connection is then what the server waits for: it is
// sent without a tag, and the status is that of the command before. So IDLE ends with "ok done", and "ok AGFubgBzZWNyZXQ=" answers AUTHENTICATE.
// "" without a command sends nothing and waits for the untagged replies.
//
// "* reply" must come, "! reply" must not, "? reply" may, any number of times (for ignore_extra_untagged: no). They match in any order, or in that of the
// script after a line "!ordered"; one reply may satisfy several, but of lines that are the same each needs a reply of its own. "!sleep 500ms"
// waits after a command, "!output TEXT" prints.
//
// Lines between "{{{" at the end of a line and "}}}" at the beginning of one are a literal, with "~{{{" a literal8; so are
// the octets behind "{n}" or "{n+}", counted with CRLF as the line end. In the former, ${name} is replaced. Commands wait for the server's "+"
// but for {n+}. APPEND and REPLACE that have no message take the next one of the mbox, and APPEND without a mailbox means $mailbox.
//
// # Matching
//
// Letters have no case but in ${case:text}. Quoted strings, literals and atoms are the same; NIL is itself only. $name or ${name} takes the value that
// it meets first, and must meet the same from then on. "$" is any one argument, a list too; "$]" all up to the end of a
// response code; "$$" a dollar. $1, $2… are sequence numbers as they were at the start of the command: "* $3 fetch" is
// right whether the expunge of 1 has been announced before it or not. Mod-sequences $modseqN grow with N, by at least the distance of
// the numbers. Given are $user, $username and $domain (its parts), $password, and the same with the number of a further user; $mailbox,
// $mailbox_url, and in replies $tag, the tag of the command.
//
// Directives at the beginning of a list say how it matches: $!ordered, $!unordered (others may be there as well),
// $!unordered=2 (pairs), $!noextra, $!extra, $!ignore=x (not counted by noextra), $!ban=x. Lists without any have these:
//
//	n FETCH ($!unordered=2 FLAGS ($!unordered $!noextra $!ignore=\recent))
//	LIST ($!unordered)
//	LSUB ($!unordered)
//	STATUS mailbox ($!unordered=2)
//
// # Preprocessor
//
// "!ifenv NAME" (or !ifnenv), "!else" and "!endif" choose lines by whether an environment variable is set.
package imaptest
