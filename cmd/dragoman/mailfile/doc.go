// Package mailfile finds and reads messages in files: mbox files, Maildirs and single messages.
//
// The octets of a message are those of the file: line ends, NULs and octets over 127 stay as they are. Two things
// are the file's and not the message's, and are taken away: in an mbox file the quoting of lines that look
// like a separator, and the empty line before a separator.
//
// # mbox
//
// A separator is a line that begins with "From " and has a date behind the sender (RFC 4155 appendix A). When the first
// separator of a file has no date, any line that begins with "From " after an empty line is one. Content-Length, which some
// writers add instead of quoting (mboxcl2), is not looked at: too often it is wrong.
//
// The writers of mbox files do not agree how a line of a message that begins with "From " is quoted. In the form named mboxrd a ">" is put
// before any number of ">" and "From "; in mboxo only before "From " itself. No file says which of the two it is. They
// differ only for lines that had a ">" before "From " already.
//
// # Flags
//
// In mbox files flags come from the fields Status (R: seen), X-Status (A: answered, F: flagged, T: draft,
// D: deleted), X-Keywords, and Thunderbird's X-Mozilla-Status and X-Mozilla-Keys. The fields stay in the message. In
// Maildirs flags come from the file name, and letters from the file dovecot-keywords.
package mailfile
