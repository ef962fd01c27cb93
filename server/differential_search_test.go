package server_test

import (
	"fmt"
	"slices"
	"strings"
)

// searchArguments are what each key is tried with.
var searchArguments = map[string][]string{
	"ALL ANSWERED DELETED DRAFT FLAGGED RECENT SEEN UNANSWERED UNDELETED UNDRAFT UNFLAGGED UNSEEN NEW OLD": {""},
	"KEYWORD UNKEYWORD": {"$Forwarded", "mill", "MILL", "nobody"},
	"FROM":              {"wren", "WREN@MILL", "mill.example>", "Jörg", "élodie", "Søren", "Rope <rope", `""`, "=?utf-8?q?Ida?=", "Ida Grøn", "nobody"},
	"TO":                {"otto", "undisclosed", "weir.example", "Åse", "lf@mill.example", `"Last, First"`, "bird77"},
	"CC":                {"diver", "c2@mill", "open", `""`},
	"BCC":               {"quoted", "Waders", `""`},
	"SUBJECT": {
		"nest", "NEST SITES", "Re:", "plans of the mill", "smørrebrød", "wächter", "Schleusenwärter", "Måger", "folded once", "three times",
		"ångström", "angstrom", "ﬁne", "fine", "istanbul", `""`, "Расписание", "=?UTF-8", "Re: Nest", "two subjects", "one subject", "clock: old",
		"with space", "Quoted \\\"pairs\\\"", "a bareCR", "bell",
	},
	"HEADER SUBJECT":             {"nest", `""`},
	"HEADER X-Twice":             {"egret", "stork", "heron", `""`},
	"HEADER x-rope":              {"strand strand", `""`},
	"HEADER X-Line-998":          {"998"},
	"HEADER X-Not-There":         {`""`, "x"},
	"HEADER Message-ID":          {"t3@reeds", "<t3@reeds.example>", "commented"},
	"HEADER References":          {"t1@reeds", "499@rope"},
	"HEADER Received":            {"from c", "from a by b"},
	"HEADER Content-Type":        {"text/html", "boundary", `""`},
	"HEADER Content-Disposition": {"naive", "naïve"},
	"HEADER Date":                {"2026", "Mar 98"},
	"BODY": {
		"heron", "HERON", "kingfisher", "innermost", "Grüße", "vandstånd", "needleinhay", "summary:counting", "fünf", "Käuze",
		"flügge", "hidden comment", "linkword", "soft break", "raw é", "Cygnus", "漢字", "Урера", "Urera", "office", "straße", "STRASSE", "strasse",
		"ΣΊΣΥΦΟΣ", "sisyphos", "été", "ete", "full width", "softhyphen", "zerowidth", "two blanks", "two  blanks", "blanks and a line",
		"sailcloth", "leaf number 150", "smallest box", "Subject: Parcel", "parcel", "knots", "text/plain", "PDF", "R0lGOD", "body of the hidden letter",
		"preamble", "epilogue", "after the end", "open to the marsh", "reed reed", "third second of",
	},
	"TEXT": {
		"heron", "wren@mill", "Subject: Parcel", "no more than a subject", "X-Rope", "x-twice: second", "kingfisher", "Søren", "smørrebrød",
		"boundary", "plan.pdf", "only this", "multipart/mixed", "lost letter", "postmaster", "Jörg", "naïve", `""`,
	},
	"LARGER SMALLER":                  {"0", "100", "200", "1000", "20000", "4294967295"},
	"ON BEFORE SINCE":                 {"27-Feb-2026", "1-Mar-2026", "15-Mar-2026", "31-Mar-2026", "12-Apr-2026", "1-Jan-1980", "31-Dec-2037"},
	"SENTON SENTBEFORE SENTSINCE":     {"12-Mar-2026", "13-Mar-2026", "14-Mar-2026", "15-Mar-2026", "13-Mar-1998", "1-Jan-1970", "20-Mar-1968", "29-Feb-2024", "1-Jan-2040", "2-Mar-2026", "3-Mar-2026"},
	"UID":                             {"{uid 5}", "{uid 3}:{uid 9}", "{uid 9}:{uid 3}", "{uid 140}:*", "*", "4000000000", "1:*"},
	"1,5,7:9 2:4 * 140:* 9999 *:9999": {""},
}

// searches combine keys.
var searches = []string{
	"NOT SEEN", "NOT (SEEN FLAGGED)", "OR SEEN FLAGGED", "OR (FROM wren) (TO otto)", "OR OR SEEN DRAFT ANSWERED",
	"FROM wren SUBJECT fence", "(FROM wren) (NOT BODY first)", "NOT HEADER Date \"\"", "NOT FROM \"\"", "SEEN UNSEEN", "NOT NOT SEEN", "NOT ALL",
	"1:50 FROM wren UNSEEN", "KEYWORD $Forwarded KEYWORD Mill", "SUBJECT clock SENTSINCE 13-Mar-2026 NOT SENTON 14-Mar-2026", "LARGER 200 SMALLER 400",
	"OR SUBJECT nest BODY nest", "TEXT wren NOT FROM wren",
}

// searchReturns are the results that ESEARCH may give (RFC 4731).
var searchReturns = []string{"", "ALL", "COUNT", "MIN", "MAX", "MIN MAX", "MIN MAX COUNT ALL"}

func searchQuestions() []question {
	var all []question
	for keys, arguments := range searchArguments {
		names := strings.Fields(keys)
		if strings.HasPrefix(keys, "HEADER") {
			names = []string{keys}
		}
		for _, key := range names {
			for _, argument := range arguments {
				all = append(all, searchQuestion(strings.TrimSpace(key+" "+searchArgument(key, argument)), argument))
			}
		}
	}
	for _, keys := range searches {
		all = append(all, searchQuestion(keys, ""))
	}
	for _, returns := range searchReturns {
		for _, keys := range []string{"FROM wren", "FROM nobody", "ALL"} {
			for _, uid := range []string{"", "UID "} {
				command := fmt.Sprintf("%sSEARCH RETURN (%s) %s", uid, returns, keys)
				all = append(all, question{group: "SEARCH RETURN", name: command, command: command})
			}
		}
	}
	return append(all,
		question{group: "SEARCH", name: "UID SEARCH FROM wren", command: "UID SEARCH FROM wren"},
		question{group: "SEARCH", name: "SEARCH CHARSET US-ASCII", command: "SEARCH CHARSET US-ASCII FROM wren"},
		question{group: "SEARCH", name: "SEARCH CHARSET utf-8", command: "SEARCH CHARSET utf-8 SUBJECT {12+}\r\nsmørrebrød"},
		question{group: "SEARCH", name: "SEARCH CHARSET ISO-8859-1", command: "SEARCH CHARSET ISO-8859-1 SUBJECT {10+}\r\nsm\xf8rrebr\xf8d"},
		question{group: "SEARCH", name: "SEARCH CHARSET X-UNKNOWN", command: "SEARCH CHARSET X-UNKNOWN FROM wren"},
	)
}

// searchArgument quotes what is no atom; text beyond ASCII is a literal.
func searchArgument(key, argument string) string {
	switch {
	case argument == "", strings.HasPrefix(argument, `"`), slices.Contains(strings.Fields("ON BEFORE SINCE SENTON SENTBEFORE SENTSINCE LARGER SMALLER UID KEYWORD UNKEYWORD"), key):
		return argument
	case ascii(argument):
		return `"` + argument + `"`
	}
	return fmt.Sprintf("{%d+}\r\n%s", len(argument), argument)
}

func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0
}

func searchQuestion(keys, argument string) question {
	q := question{group: "SEARCH", name: "SEARCH " + keys, command: "SEARCH " + keys}
	if !ascii(argument) {
		q.command = "SEARCH CHARSET UTF-8 " + keys
		key, _, _ := strings.Cut(keys, " {")
		q.name = "SEARCH " + key + " " + argument
	}
	return q
}

// sortQuestions are not asked before the gateway announces SORT (issue 5).
func sortQuestions() []question {
	var all []question
	for _, key := range []string{"ARRIVAL", "CC", "DATE", "FROM", "SIZE", "SUBJECT", "TO"} {
		for _, criteria := range []string{key, "REVERSE " + key, key + " ARRIVAL", "SIZE REVERSE " + key} {
			command := "SORT (" + criteria + ") UTF-8 ALL"
			all = append(all, question{group: "SORT", name: command, command: command})
		}
	}
	return append(all,
		question{group: "SORT", name: "SORT of a few", command: "SORT (SUBJECT) UTF-8 FROM wren"},
		question{group: "SORT", name: "SORT of none", command: "SORT (SUBJECT) UTF-8 FROM nobody"},
		question{group: "SORT", name: "UID SORT", command: "UID SORT (REVERSE DATE) US-ASCII SUBJECT clock"},
	)
}

// threadQuestions are not asked before the gateway announces the algorithm (issue 5).
func threadQuestions(algorithm string) []question {
	var all []question
	for _, keys := range []string{"ALL", "FROM reeds", "SUBJECT nest", "FROM nobody"} {
		command := "THREAD " + algorithm + " UTF-8 " + keys
		all = append(all, question{group: "THREAD " + algorithm, name: command, command: command})
	}
	return all
}
