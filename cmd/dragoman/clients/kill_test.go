package clients

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/cmd/dragoman/delivery"
	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap"
	store "github.com/dragoman-mail/dragoman/jmap/embedded"
	"github.com/dragoman-mail/dragoman/jmap/faultproxy"
)

// inventory is the sizes of the messages in each mailbox: here no two messages are of one size, but for copies.
type inventory map[string][]uint64

func (i inventory) with(mailbox string, sizes ...uint64) inventory {
	out := maps.Clone(i)
	out[mailbox] = sizes
	return out
}

// TestKilledInTheMiddleOfAWrite ends the program with SIGKILL while a write of its is at the JMAP server: before that has begun with it, and when it has
// done it but the answer is still out. After a restart nothing is lost, nothing is there twice, and every UID is as it was.
func TestKilledInTheMiddleOfAWrite(t *testing.T) {
	mail, err := store.Open(store.Options{Dir: t.TempDir(), HashIterations: 1})
	require.NoError(t, err)
	web := httptest.NewServer(mail)
	t.Cleanup(func() {
		web.CloseClientConnections()
		web.Close()
		mail.Close()
	})
	const one, two, three = 101, 102, 103
	filled := inventory{"INBOX": {one, two, three}, "Archive": {}}
	for n, test := range []struct {
		command, method string
		before          []string
		after           inventory
	}{
		{command: "APPEND Archive {104+}\r\n" + sized(104), method: "Email/import", after: filled.with("Archive", 104)},
		{command: "COPY 1:2 Archive", method: "Email/set", after: filled.with("Archive", one, two)},
		{command: "MOVE 1:2 Archive", method: "Email/set", after: filled.with("Archive", one, two).with("INBOX", three)},
		{command: "EXPUNGE", method: "Email/set", before: []string{`STORE 2 +FLAGS.SILENT (\Deleted)`}, after: filled.with("INBOX", one, three)},
		{command: "DELETE Archive", method: "Mailbox/set", after: inventory{"INBOX": {one, two, three}}},
	} {
		for _, fault := range []faultproxy.Fault{faultproxy.Hang(), faultproxy.Hang().Afterwards()} {
			name, _, _ := strings.Cut(test.command, " ")
			t.Run(name+" "+fault.Name, func(t *testing.T) {
				user := jmap.Credentials{User: fmt.Sprintf("%s%d%v", strings.ToLower(name), n, fault.Done()), Password: "secret"}
				require.NoError(t, mail.AddAccount(user.User, user.Password))
				proxy, err := faultproxy.New(web.URL)
				require.NoError(t, err)
				defer proxy.Close()
				direct := backend{url: web.URL, user: user}.session(t)
				require.NoError(t, delivery.Furnish(t.Context(), direct))
				gateway, data := backend{url: proxy.URL(), user: user}, t.TempDir()
				s := gateway.serve(t, data)
				c := login(t, s)
				for _, size := range []uint64{one, two, three} {
					c.append("INBOX", sized(size))
				}
				c.ok("SELECT Archive")
				c.ok("SELECT INBOX")
				for _, text := range test.before {
					c.ok(text)
				}
				known := uidsBySize(t, s)
				require.Equal(t, filled, stored(t, direct))

				held := proxy.Inject(faultproxy.Rule{Kind: faultproxy.Call, Method: test.method, Fault: fault})
				c.send("k " + test.command + "\r\n")
				<-held.Met()
				want := filled
				if fault.Done() {
					want = test.after
					require.Eventually(t, func() bool { return fmt.Sprint(stored(t, direct)) == fmt.Sprint(want) }, readyWithin, time.Millisecond)
				}
				s.kill()
				held.Lift()
				s = gateway.serve(t, data)
				now := uidsBySize(t, s)
				for size, uid := range now {
					require.Equal(t, known[size], uid, "the UID of the message with %s octets", size)
				}
				require.Len(t, now, len(want["INBOX"])+1)
				require.Equal(t, want, stored(t, direct))
				login(t, s).ok("STATUS INBOX (UIDNEXT)")
			})
		}
	}
}

// sized is a message of so many octets.
func sized(n uint64) string {
	const head = "Subject: x\r\n\r\n"
	return head + strings.Repeat("x", int(n)-len(head)-2) + "\r\n"
}

var (
	uidPattern      = regexp.MustCompile(`UID (\d+).*RFC822\.SIZE (\d+)`)
	validityPattern = regexp.MustCompile(`\[UIDVALIDITY (\d+)\]`)
)

// uidsBySize is what a client knows of INBOX: its messages, and UIDVALIDITY under the size "".
func uidsBySize(t *testing.T, s *server) map[string]string {
	t.Helper()
	c := login(t, s)
	known := map[string]string{}
	for _, line := range c.ok("EXAMINE INBOX") {
		if found := validityPattern.FindStringSubmatch(line); found != nil {
			known[""] = found[1]
		}
	}
	for _, line := range c.ok("UID FETCH 1:* (RFC822.SIZE)") {
		if found := uidPattern.FindStringSubmatch(line); found != nil {
			known[found[2]] = found[1]
		}
	}
	c.ok("LOGOUT")
	return known
}

// stored asks the JMAP server itself for the messages in INBOX and Archive.
func stored(t *testing.T, session *jmap.Session) inventory {
	t.Helper()
	account, _ := session.MailAccount()
	var q proto.Request
	boxes := proto.Add(&q, &proto.MailboxGet{AccountID: account})
	query := proto.Add(&q, &proto.EmailQuery{AccountID: account})
	get := proto.Add(&q, &proto.EmailGet{AccountID: account, IDsRef: query.Ref("/ids"), Properties: []string{"id", "size", "mailboxIds"}})
	p, err := session.Do(t.Context(), &q)
	require.NoError(t, err)
	listed, err := boxes.Response(p)
	require.NoError(t, err)
	emails, err := get.Response(p)
	require.NoError(t, err)
	all, names := inventory{}, map[proto.ID]string{}
	for _, m := range listed.List {
		if m.Role != nil && *m.Role == "inbox" {
			names[m.ID] = "INBOX"
		} else if m.Name == "Archive" {
			names[m.ID] = m.Name
		}
		if name := names[m.ID]; name != "" {
			all[name] = []uint64{}
		}
	}
	for _, e := range emails.List {
		for id := range e.MailboxIDs {
			all[names[id]] = append(all[names[id]], e.Size)
		}
	}
	for _, sizes := range all {
		slices.Sort(sizes)
	}
	return all
}
