package server_test

import (
	"strings"
)

// verdict says whose a difference is.
type verdict string

const (
	theirs verdict = "Cyrus's" // Cyrus departs from the RFC
	ours   verdict = "ours"    // the gateway departs on purpose; docs/deviations.md says so
	jmaps  verdict = "JMAP's"  // the two models differ; docs/deviations.md says so
	open   verdict = "open"    // the RFCs leave it to the server, or say nothing of such mail
)

// reason explains differences.
type reason struct {
	verdict verdict
	rfc     string
	why     string
	count   int    // answers that differ for this reason; another number is a failure
	where   string // names of answers, with "*" for anything; several are separated by " | "
	// messages are names of messages, with "*" for anything; "" for answers that are about none.
	messages string
	// gateway is what the gateway's answer is like, with "*" for anything; "" does not matter.
	gateway string
}

// inside are all answers about what is inside a message.
const inside = "BODY* | BINARY* | *.* BODY[* | FULL BODY"

// knownDifferences are looked at in this order; the first that fits counts.
var knownDifferences = []reason{
	// Structure.
	{
		verdict: theirs, rfc: "RFC 9051 section 6.4.5.1", count: 405,
		why:   "HEADER.FIELDS of a part is for message/rfc822 only; Cyrus answers with fields of the MIME header, or of the message around",
		where: "BODY[*.HEADER.FIELDS*", messages: "*", gateway: "* NIL)",
	},
	{
		verdict: theirs, rfc: "RFC 2046 section 5.1.1", count: 112,
		why:   "the line break before a delimiter belongs to the delimiter; Cyrus leaves it with a multipart or message that ends there",
		where: inside, messages: "nested-multiparts message-with-multipart digest digest-empty-part boundary-prefixes deep-multiparts",
	},
	{
		verdict: theirs, rfc: "RFC 2046 section 5.1.2", count: 17,
		why:   "the delimiter of an outer multipart ends the inner one, too; Cyrus takes it for one of the inner",
		where: inside, messages: "boundary-outer-ends-inner",
	},
	{
		verdict: theirs, rfc: "RFC 2046 section 5.1.1", count: 19,
		why:   "a line that begins with the boundary is a delimiter, whatever follows; Cyrus wants the whole line",
		where: inside, messages: "boundary-prefix-sibling",
	},
	{
		verdict: theirs, rfc: "RFC 9051 section 6.4.5.1", count: 34,
		why:   "TEXT is the body, whatever its structure; Cyrus shows none, and no octets of it in the structure",
		where: inside, messages: "boundary-none multipart-only-close",
	},
	{
		verdict: open, rfc: "RFC 2046 section 5.1.1", count: 11,
		why:   "a multipart without a delimiter; the gateway shows all of it as a part, Cyrus an empty part",
		where: inside, messages: "multipart-without-parts",
	},
	{
		verdict: open, rfc: "RFC 2046 section 5.1.1", count: 15,
		why:   "a boundary has one character at least; to the gateway such mail is text",
		where: inside, messages: "boundary-empty",
	},
	{
		verdict: open, rfc: "RFC 2046 section 5.1.2", count: 13,
		why:   "two multiparts in each other with one boundary; nothing says whose a delimiter is",
		where: inside, messages: "boundary-same-nested",
	},
	{
		verdict: ours, rfc: "RFC 9051 section 6.4.5.1", count: 9,
		why:   "a block of lines of which none is a field is the beginning of the body",
		where: inside, messages: "boundary-no-blank-line",
	},
	{
		verdict: ours, rfc: "RFC 2046 section 5.2.1", count: 11,
		why:   "a message/rfc822 in base64, which is forbidden, is a file; Cyrus looks for a header in the base64",
		where: inside, messages: "message-encoded",
	},
	{
		verdict: open, rfc: "RFC 9051 section 6.4.5.1", count: 3,
		why:   "parts of message/global are numbered in IMAP4rev2 only; the gateway knows them always",
		where: inside, messages: "partial-and-external",
	},
	{
		verdict: open, rfc: "RFC 2045 section 6.1", count: 17,
		why:   "an encoding that is no token; the gateway takes what is there, Cyrus 7bit",
		where: inside, messages: "encoding-garbage encoding-quoted",
	},
	{
		verdict: open, rfc: "RFC 2045 section 5.2", count: 6,
		why:   "a type that cannot be read is text/plain; the gateway keeps its parameters, as the charset may be right",
		where: inside, messages: "type-garbage type-no-subtype",
	},
	{
		verdict: theirs, rfc: "RFC 2045 section 5.2", count: 3,
		why:   "a type that cannot be read is text/plain; Cyrus gives an empty type",
		where: inside, messages: "type-no-type",
	},
	{
		verdict: theirs, rfc: "RFC 2045 section 5.1", count: 3,
		why:   `a value may be an empty quoted string; Cyrus drops the parameter, and keeps blanks of values that have no quotes`,
		where: inside, messages: "type-parameter-forms",
	},
	{
		verdict: open, rfc: "RFC 2231 section 3", count: 3,
		why:   "a parameter in pieces and whole at once; the gateway gives the one that readers use, Cyrus both",
		where: inside, messages: "type-rfc2231-odd",
	},
	{
		verdict: open, rfc: "RFC 2183 section 2.8", count: 2,
		why:   "a disposition without a kind, or with one in quotes; the gateway shows ATTACHMENT, and what is in the quotes",
		where: inside, messages: "disposition-odd disposition-quoted",
	},
	{
		verdict: open, rfc: "RFC 5322 section 3.6", count: 3,
		why:   "two Content-Type fields; the gateway takes the first, Cyrus the last",
		where: inside, messages: "duplicate-fields",
	},
	{
		verdict: open, rfc: "RFC 9051 section 7.5.2", count: 3,
		why:   "fields without a value; NIL here, an empty string there",
		where: inside, messages: "language-empty",
	},
	{
		verdict: open, rfc: "RFC 5322 section 2.2.3", count: 3,
		why:   "blanks before a value that is folded at its beginning; the gateway trims them",
		where: inside, messages: "extension-folded",
	},
	// Headers.
	{
		verdict: theirs, rfc: "RFC 9051 section 6.4.5.1", count: 13,
		why:   "a message that has no body and no blank line has none in HEADER.FIELDS; Cyrus makes one",
		where: inside, messages: "header-no-blank-line",
	},
	{
		verdict: theirs, rfc: "RFC 9051 section 6.4.5.1", count: 5,
		why:   "HEADER.FIELDS and HEADER.FIELDS.NOT give all fields; Cyrus reads a thousand lines of a header",
		where: inside, messages: "huge-header-lines",
	},
	{
		verdict: ours, rfc: "RFC 9051 section 6.4.5.1", count: 6,
		why:   "lines that are no fields are in HEADER and not in HEADER.FIELDS.NOT",
		where: inside, messages: "header-starts-with-blank",
	},
	// Envelopes.
	{
		verdict: theirs, rfc: "RFC 9051 section 7.5.2", count: 3,
		why:   "an address without a domain gets the host unspecified-domain, which the message does not have",
		where: "ENVELOPE | * ENVELOPE", messages: "address-quoted-pairs",
	},
	{
		verdict: open, rfc: "RFC 5322 section 3.4", count: 9,
		why:   "addresses that no grammar has: the gateway reads on behind what it cannot read",
		where: "ENVELOPE | * ENVELOPE", messages: "address-oddities groups-nested source-routes",
	},
	{
		verdict: open, rfc: "RFC 5322 section 3.6", count: 4,
		why:   "fields that come more than once: the gateway gives all addresses and the first text, Cyrus the last field",
		where: "ENVELOPE | * ENVELOPE | SEARCH SUBJECT \"one subject\"", messages: "several-from",
	},
	{
		verdict: ours, rfc: "RFC 5322 section 2.3", count: 4,
		why:   "a CR that stands alone is not shown in ENVELOPE, and not searched for",
		where: "ENVELOPE | * ENVELOPE | SEARCH SUBJECT \"a bareCR\"", messages: "bare-cr",
	},
	// Searches.
	{
		verdict: theirs, rfc: "RFC 3501 section 6.4.4", count: 23,
		why:   "a Date at the first second of 1970 or before is one, too; Cyrus takes it for none",
		where: "SEARCH SENT*", messages: "date-old date-before-epoch",
	},
	{
		verdict: theirs, rfc: "RFC 5322 section 3.3", count: 6,
		why:   "comments may stand in a Date; Cyrus cannot read it then",
		where: "SEARCH SENT* | SEARCH SUBJECT clock SENT*", messages: "date-comments",
	},
	{
		verdict: open, rfc: "RFC 5322 section 3.3", count: 6,
		why:   "a Date as the function ctime of C writes it; the gateway can read it",
		where: "SEARCH SENT* | SEARCH SUBJECT clock SENT*", messages: "date-ctime",
	},
	{
		verdict: theirs, rfc: "RFC 3501 section 6.4.4", count: 1007,
		why:   "a message without a Date that can be read has not been sent on any day; Cyrus takes the internal date then",
		where: "SEARCH SENT* | SEARCH SUBJECT clock SENT*", messages: "*",
	},
	{
		verdict: theirs, rfc: "RFC 3501 section 6.4.4", count: 40,
		why:   "FROM searches the envelope, in which an address has no brackets; Cyrus puts them there",
		where: `SEARCH FROM "mill.example>"`, messages: "*",
	},
	{
		verdict: open, rfc: "RFC 9051 section 6.4.4", count: 7,
		why:   "the gateway looks into header fields as they stand, too, in which encoded words are encoded",
		where: `SEARCH SUBJECT "=?UTF-8" | SEARCH FROM "=?utf-8?q?Ida?="`, messages: "*",
	},
	{
		verdict: open, rfc: "RFC 9051 section 6.4.4", count: 4,
		why:   "the empty string is in an address field without an address; Cyrus wants an address",
		where: `SEARCH FROM "" | SEARCH CC "" | SEARCH BCC "" | SEARCH NOT FROM ""`, messages: "empty-addresses",
	},
	{
		verdict: theirs, rfc: "RFC 3501 section 6.4.4", count: 2,
		why:   "an empty string finds all messages that have the field; Cyrus does not see it without a value",
		where: `SEARCH HEADER Content-Type "" | SEARCH NOT HEADER Date ""`, messages: "type-empty empty-addresses",
	},
	{
		verdict: theirs, rfc: "RFC 3501 section 6.4.4", count: 12,
		why:   "an empty string is in every message; Cyrus finds none where no part is text",
		where: `SEARCH TEXT ""`, messages: "*",
	},
	{
		verdict: open, rfc: "RFC 9051 section 6.4.4", count: 1,
		why:   "Cyrus undoes the encoding of RFC 2231 in HEADER; the gateway does in TEXT",
		where: "SEARCH HEADER Content-Disposition naïve", messages: "disposition-forms",
	},
	{
		verdict: open, rfc: "RFC 9051 section 6.4.4", count: 24,
		why:   "to Cyrus the headers of parts and of messages in the message belong to BODY, to the gateway to TEXT only",
		where: `SEARCH BODY "text/plain" | SEARCH BODY "Subject: Parcel" | SEARCH BODY "PDF"`, messages: "*",
	},
	{
		verdict: theirs, rfc: "RFC 3501 section 6.4.4", count: 7,
		why: "a search is for the string, without regard to case; Cyrus also disregards accents and white space",
		where: `SEARCH SUBJECT "angstrom" | SEARCH SUBJECT "istanbul" | SEARCH TO Åse | SEARCH SUBJECT "NEST SITES" | ` +
			`SEARCH BODY "ete" | SEARCH BODY "two blanks" | SEARCH BODY "blanks and a line"`,
		messages: "search-words header-utf8 thread-3",
	},
	{
		verdict: ours, rfc: "RFC 9051 section 6.4.4", count: 3,
		why:   "HTML is searched as its source; Cyrus searches what a reader sees, and loses the last word of a part without a line end",
		where: `SEARCH BODY "hidden comment" | SEARCH BODY "linkword" | SEARCH BODY Käuze`, messages: "html-only alternative-related",
	},
	{
		verdict: theirs, rfc: "RFC 3501 section 6.4.4", count: 2,
		why:   "text in UTF-16BE and ISO-2022-JP is not found",
		where: `SEARCH BODY "Cygnus" | SEARCH BODY 漢字`, messages: "charset-latin9-utf16",
	},
	{
		verdict: open, rfc: "RFC 2045 section 5.2", count: 2,
		why:   "8-bit text without a charset, or with a wrong one: the gateway guesses",
		where: "SEARCH BODY Grüße | SEARCH BODY vandstånd", messages: "no-charset wrong-charset",
	},
	{
		verdict: open, rfc: "RFC 2045 section 6.4", count: 5,
		why:      "text in an unknown, quoted or forbidden encoding: the gateway looks into it as it can",
		where:    `SEARCH BODY "Urera" | SEARCH * "heron" | SEARCH BODY "HERON" | SEARCH BODY "body of the hidden letter"`,
		messages: "encoding-unknown encoding-quoted message-encoded",
	},
	{
		verdict: open, rfc: "RFC 9051 section 6.4.4", count: 2,
		why:   "the gateway takes the two charsets that a server must take",
		where: "SEARCH CHARSET ISO-8859-1*", messages: "*",
	},
	{
		verdict: theirs, rfc: "RFC 3501 section 6.4.4", count: 44,
		why:   "a charset that the server does not know is NO [BADCHARSET]; Cyrus searches",
		where: "SEARCH CHARSET X-UNKNOWN*", messages: "*",
	},
	{
		verdict: theirs, rfc: "RFC 3501 section 9", count: 145,
		why:   "a number has 32 bits; Cyrus closes the connection at those of more than 31",
		where: "SEARCH LARGER 4294967295* | SEARCH SMALLER 4294967295*", messages: "*",
	},
	// Mailboxes.
	{
		verdict: theirs, rfc: "RFC 3501 section 5.1", count: 2,
		why:   "INBOX has no case, in patterns neither; Cyrus finds it in upper case only",
		where: `L* "" inbox ->`, messages: "INBOX",
	},
	{
		verdict: theirs, rfc: "RFC 5258 section 4", count: 4,
		why:   "with (SUBSCRIBED) Cyrus shows INBOX without its child, and a level that it has else as a mailbox as one that does not exist",
		where: "LIST (SUBSCRIBED*", messages: "INBOX Deep",
	},
	{
		verdict: open, rfc: "RFC 3501 section 6.3.9", count: 10,
		why:   `LSUB need not tell of children; Cyrus shows \HasChildren`,
		where: "LSUB *", messages: "Birds Deep Deep/er",
	},
	// What is wrong.
	{
		verdict: theirs, rfc: "RFC 9051 section 9", count: 18,
		why:      "a sequence number beyond the mailbox, zero, and a number of more than 32 bits are BAD; Cyrus says NO or passes over them",
		where:    "empty: * | COPY 99999* | FETCH 0 * | FETCH 142:99999* | FETCH 4294967296* | FETCH 99999* | SEARCH 0* | SEARCH UID 0* | FETCH 1 BODY[0]* | FETCH 1 BODY[1.0]*",
		messages: "*",
	},
	{
		verdict: open, rfc: "RFC 9051 section 9", count: 5,
		why:   "a 31st of February has the syntax of a date; the gateway says BAD, Cyrus takes it for the 3rd of March",
		where: "SEARCH ON 31-Feb-2026* | APPEND inbox2 \"31-Feb-2026*", messages: "*",
	},
	{
		verdict: theirs, rfc: "RFC 3501 section 9", count: 3,
		why:   "RFC822.PEEK is of IMAP2bis and of no IMAP4; an unknown flag with a backslash has the syntax of a flag",
		where: `FETCH 1 RFC822.PEEK* | STORE 1 FLAGS (\Nonsense)*`, messages: "*",
	},
	{
		verdict: jmaps, rfc: "RFC 8621 section 2", count: 1,
		why:   "a subscription is a property of a mailbox, so that none can end where no mailbox is",
		where: "UNSUBSCRIBE Nowhere*",
	},
	{
		verdict: open, rfc: "RFC 5530 section 3", count: 10,
		why:   "the gateway gives response codes that say why; a server may",
		where: "codes: *code ALREADYEXISTS | codes: *code CANNOT | codes: *code NONEXISTENT | codes: *code READ-ONLY",
	},
	{
		verdict: open, rfc: "RFC 9051 section 7.1", count: 24,
		why:   "Cyrus gives response codes of extensions that the gateway does not announce yet",
		where: "codes: *code ANNOTATIONS | codes: *code HIGHESTMODSEQ | codes: *code MAILBOXID | codes: *code URLMECH",
	},
}

// knownOfRawHeaders are those with the setting munge8bit: no.
var knownOfRawHeaders = []reason{
	{
		verdict: theirs, rfc: "RFC 9051 section 6.4.5.1", count: 8,
		why:   "HEADER.FIELDS of a part is for message/rfc822 only; Cyrus answers with fields of the MIME header, or of the message around",
		where: "BODY[*.HEADER.FIELDS*", messages: "*", gateway: "* NIL)",
	},
	{
		verdict: theirs, rfc: "RFC 3501 section 9", count: 18,
		why: "a quoted string has 7 bits, and an address ends where it ends; Cyrus sends octets as they are, and takes those of some " +
			"letters for control characters. The gateway makes encoded words, unless the client has enabled IMAP4rev2",
		where: "ENVELOPE | * ENVELOPE | BODY | BODYSTRUCTURE | FULL BODY", messages: "header-latin1 header-utf8 address-utf8 search-words",
	},
	{
		verdict: open, rfc: "RFC 6532 section 3.2", count: 3,
		why:   "UTF-8 in a header that is not encoded; the gateway finds it, as it shows it, Cyrus does not",
		where: "SEARCH FROM Søren | SEARCH TEXT Søren | SEARCH SUBJECT Måger", messages: "header-utf8",
	},
}

// fits tells whether the difference is one of these.
func (k *reason) fits(d difference) bool {
	named := func(patterns, between, name string) bool {
		for _, pattern := range strings.Split(patterns, between) {
			if glob(pattern, name) {
				return true
			}
		}
		return false
	}
	return named(k.where, " | ", d.what) && named(k.messages, " ", d.message) && (k.gateway == "" || glob(k.gateway, d.gateway))
}

// glob matches a name against a pattern, in which "*" is anything.
func glob(pattern, name string) bool {
	first, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == name
	}
	name, found := strings.CutPrefix(name, first)
	for found {
		var piece string
		if piece, rest, wild = strings.Cut(rest, "*"); !wild {
			return strings.HasSuffix(name, piece)
		}
		_, name, found = strings.Cut(name, piece)
	}
	return false
}
