package embedded

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// moment is an account as a client saw it: all records by type and id, the results of queries,
// and the states.
type moment struct {
	states  map[string]string
	records map[string]map[string]string
	queries map[string][]string
	qstates map[string]string
}

// The queries that are followed through all changes.
var followed = map[string]string{
	"plain":    `"sort":[{"property":"receivedAt","isAscending":false}]`,
	"keyword":  `"filter":{"hasKeyword":"$seen"},"sort":[{"property":"subject"},{"property":"receivedAt"}]`,
	"mailbox":  `"filter":{"inMailbox":"m1"},"sort":[{"property":"receivedAt"}]`,
	"collapse": `"collapseThreads":true,"sort":[{"property":"hasKeyword","keyword":"$flagged"},{"property":"receivedAt"}]`,
	"thread":   `"filter":{"someInThreadHaveKeyword":"$flagged"},"sort":[{"property":"allInThreadHaveKeyword","keyword":"$seen"},{"property":"size"}]`,
}

const followedBoxes = `"filter":{"isSubscribed":true},"sort":[{"property":"name"}]`

func (c *client) look() *moment {
	m := &moment{map[string]string{}, map[string]map[string]string{}, map[string][]string{}, map[string]string{}}
	for _, typ := range []string{"Email", "Mailbox", "Thread"} {
		args := `"ids":null`
		if typ == "Email" {
			args += `,"properties":["mailboxIds","keywords","threadId"]`
		}
		r := c.ok(typ+"/get", args)
		m.states[typ] = r["state"].(string)
		m.records[typ] = map[string]string{}
		for _, v := range r["list"].([]any) {
			m.records[typ][v.(map[string]any)["id"].(string)] = asJSON(v)
		}
	}
	for name, args := range followed {
		m.ask(c, name, "Email/query", args)
	}
	m.ask(c, "boxes", "Mailbox/query", followedBoxes)
	return m
}

func (m *moment) ask(c *client, name, method, args string) {
	r := c.ok(method, args)
	m.qstates[name] = r["queryState"].(string)
	for _, id := range r["ids"].([]any) {
		m.queries[name] = append(m.queries[name], id.(string))
	}
}

func asJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// follow brings what a client saw up to date by /changes, in steps of at most max, and checks
// that it is then what there is.
func (c *client) follow(t require.TestingT, then, now *moment, max int) {
	for typ, old := range then.records {
		records, state := maps.Clone(old), then.states[typ]
		for {
			args := fmt.Sprintf(`"sinceState":%q`, state)
			if max > 0 {
				args += fmt.Sprintf(`,"maxChanges":%d`, max)
			}
			r := c.ok(typ+"/changes", args)
			n := 0
			for kind, apply := range map[string]func(string){
				"created": func(id string) {
					require.NotContains(t, records, id, "%s created twice", id)
					records[id] = now.records[typ][id]
				},
				"updated": func(id string) {
					require.Contains(t, records, id, "%s was never created", id)
					records[id] = now.records[typ][id]
				},
				"destroyed": func(id string) {
					require.Contains(t, records, id, "%s was never created", id)
					delete(records, id)
				},
			} {
				for _, id := range r[kind].([]any) {
					apply(id.(string))
					n++
				}
			}
			require.Equal(t, state, r["oldState"])
			if max > 0 {
				require.LessOrEqual(t, n, max)
			}
			if r["hasMoreChanges"] == false {
				require.Equal(t, now.states[typ], r["newState"])
				break
			}
			require.NotEqual(t, state, r["newState"])
			state = r["newState"].(string)
		}
		require.Equal(t, now.records[typ], records, typ)
	}
	for name, args := range followed {
		c.followQuery(t, then, now, name, "Email/queryChanges", args)
	}
	c.followQuery(t, then, now, "boxes", "Mailbox/queryChanges", followedBoxes)
}

func (c *client) followQuery(t require.TestingT, then, now *moment, name, method, args string) {
	r := c.ok(method, args+fmt.Sprintf(`,"sinceQueryState":%q`, then.qstates[name]))
	require.Equal(t, now.qstates[name], r["newQueryState"])
	results := slices.Clone(then.queries[name])
	for _, id := range r["removed"].([]any) {
		results = slices.DeleteFunc(results, func(x string) bool { return x == id })
	}
	for _, v := range r["added"].([]any) {
		item := v.(map[string]any)
		require.LessOrEqual(t, int(item["index"].(float64)), len(results), name)
		results = slices.Insert(results, int(item["index"].(float64)), item["id"].(string))
	}
	require.Equal(t, strings.Join(now.queries[name], " "), strings.Join(results, " "), "%s: %v", name, r)
}

// Whatever is done, replaying the changes since any earlier moment gives what there is, and the
// counts are what counting gives.
func TestChangesProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		s, err := Open(Options{Dir: dir, HashIterations: 1, Limits: Limits{MaxEmailsInThread: 5}})
		require.NoError(rt, err)
		defer s.Close()
		require.NoError(rt, s.AddAccount("alice", "secret"))
		c := clientFor(t, s, "http://in.process", "alice")
		c.http = clientOf(s)
		w := &world{rt: rt, c: c}
		moments := []*moment{c.look()}
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			w.step()
			now := c.look()
			checkCounts(rt, now)
			for _, then := range moments {
				c.follow(rt, then, now, rapid.IntRange(0, 3).Draw(rt, "max"))
			}
			moments = append(moments, now)
		}
	})
}

// world does random things to an account.
type world struct {
	rt *rapid.T
	c  *client
	n  int
}

func (w *world) pick(typ string) string {
	ids := w.c.ok(typ+"/query", "")["ids"].([]any)
	if len(ids) == 0 {
		return "e1"
	}
	return ids[rapid.IntRange(0, len(ids)-1).Draw(w.rt, typ)].(string)
}

func (w *world) step() {
	switch rapid.IntRange(0, 8).Draw(w.rt, "what") {
	case 0, 1, 2:
		w.importSome()
	case 3, 4:
		w.updateSome()
	case 5:
		w.c.ok("Email/set", fmt.Sprintf(`"destroy":[%q,%q]`, w.pick("Email"), w.pick("Email")))
	case 6:
		w.n++
		w.c.ok("Mailbox/set", fmt.Sprintf(`"create":{"k":{"name":"box %d"}}`, w.n))
	case 7:
		patch := rapid.SampledFrom([]string{`{"isSubscribed":false}`, `{"name":"Aardvark"}`, `{"role":null}`, `{"role":"trash"}`, `{"sortOrder":5}`}).Draw(w.rt, "patch")
		w.c.ok("Mailbox/set", fmt.Sprintf(`"update":{%q:%s}`, w.pick("Mailbox"), patch))
	case 8:
		if box := w.pick("Mailbox"); box != "m1" { // which a followed query needs
			w.c.ok("Mailbox/set", fmt.Sprintf(`"destroy":[%q],"onDestroyRemoveEmails":true`, box))
		}
	}
}

func (w *world) importSome() {
	var emails []string
	for i := range rapid.IntRange(1, 4).Draw(w.rt, "emails") {
		w.n++
		about := rapid.IntRange(0, 2).Draw(w.rt, "thread")
		blob := w.c.upload(message(fmt.Sprintf("Re: topic %d", about), "a@example.org", strings.Repeat("x", w.n%7),
			fmt.Sprintf("Message-ID: <%d@x>", w.n), fmt.Sprintf("References: <root%d@x>", about)))
		keywords := rapid.SampledFrom([]string{`{}`, `{"$seen":true}`, `{"$flagged":true}`, `{"$draft":true,"$seen":true}`}).Draw(w.rt, "keywords")
		boxes := asJSON(map[string]bool{w.pick("Mailbox"): true, w.pick("Mailbox"): true})
		emails = append(emails, fmt.Sprintf(`"k%d":{"blobId":%q,"mailboxIds":%s,"keywords":%s,"receivedAt":"2026-01-0%dT00:00:00Z"}`,
			i, blob, boxes, keywords, rapid.IntRange(1, 9).Draw(w.rt, "day")))
	}
	w.c.ok("Email/import", `"emails":{`+strings.Join(emails, ",")+`}`)
}

func (w *world) updateSome() {
	updates := map[string]string{}
	for range rapid.IntRange(1, 3).Draw(w.rt, "updates") {
		box := w.pick("Mailbox")
		updates[w.pick("Email")] = rapid.SampledFrom([]string{
			`{"keywords/$seen":true}`, `{"keywords/$seen":null}`, `{"keywords/$flagged":true}`, `{"keywords":{}}`,
			fmt.Sprintf(`{"mailboxIds":{%q:true}}`, box), fmt.Sprintf(`{"mailboxIds/%s":true}`, box), fmt.Sprintf(`{"mailboxIds/%s":null}`, box),
		}).Draw(w.rt, "patch")
	}
	var list []string
	for id, patch := range updates {
		list = append(list, fmt.Sprintf(`%q:%s`, id, patch))
	}
	w.c.ok("Email/set", `"update":{`+strings.Join(list, ",")+`},"destroy":[`+fmt.Sprintf("%q", w.pick("Email"))+`]`)
}

// checkCounts counts what RFC 8621 section 2 defines, from the Emails.
func checkCounts(t require.TestingT, m *moment) {
	emails := map[string]*jmap.Email{}
	threads := map[jmap.ID][]*jmap.Email{}
	for id, text := range m.records["Email"] {
		e := new(jmap.Email)
		require.NoError(t, json.Unmarshal([]byte(text), e))
		emails[id] = e
		threads[e.ThreadID] = append(threads[e.ThreadID], e)
	}
	boxes := map[jmap.ID]*jmap.Mailbox{}
	trash := jmap.ID("")
	for id, text := range m.records["Mailbox"] {
		box := new(jmap.Mailbox)
		require.NoError(t, json.Unmarshal([]byte(text), box))
		boxes[jmap.ID(id)] = box
		if box.Role != nil && *box.Role == "trash" {
			trash = box.ID
		}
	}
	for id, box := range boxes {
		var want [4]uint64
		for _, list := range threads {
			member, unread := false, false
			for _, e := range list {
				isUnread := !e.Keywords["$seen"] && !e.Keywords["$draft"]
				if e.MailboxIDs[id] {
					member = true
					want[0]++
					if isUnread {
						want[1]++
					}
				}
				inTrash := trash != "" && e.MailboxIDs[trash]
				counts := !inTrash || len(e.MailboxIDs) > 1
				if id == trash {
					counts = inTrash
				}
				unread = unread || isUnread && counts
			}
			if member {
				want[2]++
				if unread {
					want[3]++
				}
			}
		}
		require.Equal(t, want, [4]uint64{box.TotalEmails, box.UnreadEmails, box.TotalThreads, box.UnreadThreads}, "counts of %s", box.Name)
	}
	require.Len(t, m.records["Thread"], len(threads))
}

func TestHistoryBound(t *testing.T) {
	c := newClient(t, Limits{MaxHistory: 3})
	inbox := c.mailbox("inbox")
	old := c.state("Email")
	for range 3 {
		c.importMail(message("s", "a@example.org", "x"), inbox, "")
	}
	require.Len(t, c.ok("Email/changes", `"sinceState":"`+old+`"`)["created"], 3)
	c.importMail(message("s", "a@example.org", "x"), inbox, "")
	require.Equal(t, "cannotCalculateChanges", c.fails("Email/changes", `"sinceState":"`+old+`"`))
	require.Equal(t, "cannotCalculateChanges", c.fails("Email/queryChanges", `"sinceQueryState":"`+old+`"`))
}
