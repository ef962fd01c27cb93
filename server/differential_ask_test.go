package server_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dragoman-mail/dragoman/generated/imap"
)

// question is a command that both servers are asked. Of it each message, mailbox or item is an answer of its own.
type question struct {
	group   string // the row of the table that its answers are counted in
	name    string // begins the names of the answers; "": items of FETCH name themselves
	message string // what the result is about, when it is one message
	codes   bool   // response codes are answers, too
	command string // {uid N} stands for the UID of message N, which is another one on either side
}

// answer is one thing that both servers should say alike.
type answer struct{ what, message string }

// answers are all that came for a question.
type answers map[answer]string

const absent = "(nothing)"

// reader turns the responses of one server into answers.
type reader struct {
	peer  *peer
	names []string // of the messages by sequence number
}

// read asks the question and takes the answers apart.
func (r *reader) read(q question) answers {
	all := r.peer.do(r.peer.withUIDs(q.command))
	got := answers{}
	if all.tagged == nil {
		got[answer{q.result(), q.message}] = "(connection closed)"
		r.peer.reconnect()
		r.peer.look(r.peer.mailbox)
		return got
	}
	got[answer{q.result(), q.message}] = all.tagged.Status.String()
	for _, response := range all.untagged {
		r.response(q, response, got)
	}
	if q.codes {
		for _, response := range append(all.untagged, all.tagged) {
			if cond, ok := response.(*imap.Cond); ok && cond.Code != nil {
				got[answer{q.what("code " + codeName(cond.Code)), ""}] = "given"
			}
		}
	}
	return got
}

func (q question) what(item string) string {
	return strings.TrimSpace(q.name + " " + item)
}

func (q question) result() string {
	what := q.name
	if what == "" {
		_, what, _ = strings.Cut(strings.TrimPrefix(q.command, "FETCH "), " ")
		what = strings.Trim(what, "()")
	}
	return what + ": result"
}

func (r *reader) response(q question, response imap.Response, got answers) {
	switch d := response.(type) {
	case *imap.FetchData:
		for _, item := range d.Items {
			if _, ok := item.(*imap.MsgUID); ok {
				continue
			}
			got[answer{q.what(itemName(item)), r.message(d.Seq)}] = show(&imap.FetchData{Seq: 1, Items: []imap.MsgAtt{normalItem(item)}})
		}
	case *imap.ExistsData:
		got[answer{q.what("EXISTS"), ""}] = strconv.Itoa(int(d.Count))
	case *imap.SearchData:
		r.found(q.name, d.Numbers, strings.HasPrefix(q.command, "UID"), got)
	case *imap.ESearchData:
		r.esearch(q.name, d, got)
	case *imap.ListData:
		got[answer{q.what("->"), d.Mailbox}] = show(normalList(d))
	case *imap.LSubData:
		slices.Sort(d.Attributes)
		got[answer{q.what("->"), d.Mailbox}] = show(d)
	case *imap.StatusData:
		got[answer{q.what("-> STATUS"), d.Mailbox}] = normalStatus(d)
	case *imap.SortData:
		got[answer{q.what("order"), ""}] = strings.Join(r.messages(d.Numbers, strings.HasPrefix(q.command, "UID")), " ")
	case *imap.Cond:
		if strings.HasPrefix(d.Text, ungrammatical) {
			got[answer{q.what("response"), ""}] = d.Text
		}
	case *imap.ThreadData:
		got[answer{q.what("threads"), ""}] = r.threads(d.Threads)
	}
}

// found makes an answer of each message that a search found.
func (r *reader) found(what string, numbers []uint32, uid bool, got answers) {
	for _, name := range r.messages(numbers, uid) {
		got[answer{what, name}] = "found"
	}
}

func (r *reader) esearch(what string, d *imap.ESearchData, got answers) {
	if d.All != nil {
		for _, set := range d.All.Ranges {
			for n := min(set.Start, set.Stop); n <= max(set.Start, set.Stop); n++ {
				r.found(what, []uint32{n}, d.UID, got)
			}
		}
	}
	for name, number := range map[string]*uint32{"MIN": d.Min, "MAX": d.Max} {
		if number != nil {
			got[answer{what + " " + name, ""}] = r.messages([]uint32{*number}, d.UID)[0]
		}
	}
	if d.Count != nil {
		got[answer{what + " COUNT", ""}] = strconv.Itoa(int(*d.Count))
	}
	got[answer{what + " UID", ""}] = strconv.FormatBool(d.UID)
}

func (r *reader) threads(list []imap.ThreadList) string {
	var all []string
	for _, t := range list {
		text := strings.Join(r.messages(t.Numbers, false), " ")
		if len(t.Branches) > 0 {
			text += r.threads(t.Branches)
		}
		all = append(all, "("+text+")")
	}
	return strings.Join(all, "")
}

func (r *reader) messages(numbers []uint32, uid bool) []string {
	var names []string
	for _, n := range numbers {
		if uid {
			n = uint32(slices.Index(r.peer.uids, n) + 1)
		}
		names = append(names, r.message(n))
	}
	return names
}

func (r *reader) message(seq uint32) string {
	if seq == 0 || int(seq) > len(r.names) {
		return fmt.Sprintf("(no message %d)", seq)
	}
	return r.names[seq-1]
}

// withUIDs puts the UIDs of this server into a command.
func (p *peer) withUIDs(command string) string {
	for {
		before, rest, found := strings.Cut(command, "{uid ")
		if !found {
			return command
		}
		number, after, _ := strings.Cut(rest, "}")
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > len(p.uids) {
			p.tb.Fatalf("%s: no message %q", p.name, number)
		}
		command = before + strconv.Itoa(int(p.uids[n-1])) + after
	}
}

// difference is an answer that differs.
type difference struct {
	answer
	group           string
	gateway, native string
}

// compare gives what differs, and how many answers there were.
func compare(q question, gateway, native answers) (different []difference, count int) {
	all := map[answer]bool{}
	for a := range gateway {
		all[a] = true
	}
	for a := range native {
		all[a] = true
	}
	for a := range all {
		g, n := gateway[a], native[a]
		if g == n {
			continue
		}
		different = append(different, difference{a, q.group, orAbsent(g), orAbsent(n)})
	}
	return different, len(all)
}

func orAbsent(s string) string {
	if s == "" {
		return absent
	}
	return s
}
