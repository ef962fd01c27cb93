package server_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/jmap/cyrustest"
	"github.com/dragoman-mail/dragoman/server/mailbox"
	"github.com/dragoman-mail/dragoman/server/servertest"
)

// soaker is one of several clients that change the same account by different ways.
type soaker struct {
	*servertest.Client
	t     *testing.T
	name  string
	r     *rand.Rand
	fates *fates
}

// fates is what has to become of the messages.
type fates struct {
	mu     sync.Mutex
	stored map[string]bool // a server has said OK to their APPEND
	doomed map[string]bool // somebody has set about to delete them
}

func (f *fates) note(set map[string]bool, subject string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	set[subject] = true
}

var (
	shownUID     = regexp.MustCompile(`\bUID (\d+)`)
	shownFlags   = regexp.MustCompile(`\bFLAGS \(([^)]*)\)`)
	shownSubject = regexp.MustCompile(`\bSubject: (\S+)`)
)

// messages lists what a client is shown: subject to UID, and to flags other than \Recent. The same message may be there twice in Cyrus's own IMAP.
func (s *soaker) messages(set string) (uids map[string]string, flags map[string][]string) {
	uids, flags = map[string]string{}, map[string][]string{}
	for _, r := range s.OK("UID FETCH " + set + " (UID FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])") {
		found := shownSubject.FindStringSubmatch(r)
		if found == nil {
			continue // flags that others have changed
		}
		subject := found[1]
		uids[subject] = shownUID.FindStringSubmatch(r)[1]
		all := flags[subject]
		for _, flag := range strings.Fields(shownFlags.FindStringSubmatch(r)[1]) {
			// \Recent is of a session, \Deleted of a gateway.
			if flag != `\Recent` && flag != `\Deleted` && !slices.Contains(all, flag) {
				all = append(all, flag)
			}
		}
		slices.Sort(all)
		flags[subject] = all
	}
	return uids, flags
}

// step does one thing. What others do at the same time may make it NO, but never BAD.
func (s *soaker) step() {
	uids, _ := s.messages("1:*")
	if len(uids) == 0 || s.r.IntN(3) == 0 {
		s.store()
		return
	}
	subject := slices.Sorted(maps.Keys(uids))[s.r.IntN(len(uids))]
	uid := uids[subject]
	switch s.r.IntN(6) {
	case 0, 1:
		s.try(`UID STORE ` + uid + ` ` + []string{"+", "-"}[s.r.IntN(2)] + `FLAGS (\Flagged)`)
	case 2:
		s.try(`UID STORE ` + uid + ` +FLAGS.SILENT ($work)`)
	case 3:
		s.try("UID COPY " + uid + " other")
	case 4:
		s.try("UID MOVE " + uid + " other")
	default:
		s.fates.note(s.fates.doomed, subject)
		s.try(`UID STORE ` + uid + ` +FLAGS (\Deleted)`)
		s.try("UID EXPUNGE " + uid)
	}
}

func (s *soaker) try(command string) {
	text := s.Do(command).Tagged.Text
	assert.False(s.t, strings.HasPrefix(text, "BAD"), "%s: %s: %s", s.name, command, text)
}

func (s *soaker) store() {
	subject := fmt.Sprintf("%s-%d", strings.ReplaceAll(s.name, " ", "-"), s.r.Uint64())
	message := "Subject: " + subject + "\r\n\r\n" + subject + "\r\n"
	text := s.Do(fmt.Sprintf("APPEND INBOX {%d+}\r\n%s", len(message), message)).Tagged.Text
	if strings.HasPrefix(text, "OK") {
		s.fates.note(s.fates.stored, subject)
		return
	}
	// Cyrus fails at times at what others are at, too.
	assert.True(s.t, strings.HasPrefix(text, "NO [UNAVAILABLE]"), "%s: APPEND: %s", s.name, text)
}

// final is what a client sees when all is quiet, by mailbox and subject.
func (s *soaker) final() map[string]map[string][]string {
	seen := map[string]map[string][]string{}
	for _, box := range []string{"INBOX", "other"} {
		s.OK("SELECT " + box)
		_, seen[box] = s.messages("1:*")
	}
	return seen
}

// TestGatewaysAndCyrusStayInStep lets a client change an account through each of two gateways that know nothing of each other, and a third one by Cyrus's
// own IMAP, all at once. They see the same in the end, and nothing that nobody deleted is lost.
func TestGatewaysAndCyrusStayInStep(t *testing.T) {
	cyrus := cyrustest.Start(t)
	user := cyrus.User(t)
	backend := &servertest.Backend{URL: cyrus.URL, Accounts: map[string]servertest.Account{
		"demo": {Password: "demo", Credentials: user.Credentials},
	}}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	f := &fates{stored: map[string]bool{}, doomed: map[string]bool{}}
	clients := []*soaker{{Client: servertest.NewClient(t, cyrus.IMAP(t, user)), name: "Cyrus"}}
	for _, name := range []string{"gateway 1", "gateway 2"} {
		gateway := servertest.New(t, servertest.Options{Backend: backend, Replica: func(o *mailbox.Options) { o.Poll = 20 * time.Millisecond }})
		clients = append(clients, &soaker{Client: gateway.Login(), name: name})
	}
	clients[0].OK("CREATE other")
	const steps = 60
	var all sync.WaitGroup
	for i, c := range clients {
		c.t, c.fates, c.r = t, f, rand.New(rand.NewPCG(seed, uint64(i)))
		all.Add(1)
		go func() {
			defer all.Done()
			c.OK("SELECT INBOX")
			for range steps {
				c.step()
			}
		}()
	}
	all.Wait()
	// Should a gateway have missed what the server did not tell it, it sees that by the number of messages, at the second look.
	var views [3]map[string]map[string][]string
	for range 3 {
		for i, c := range clients {
			views[i] = c.final()
		}
		if assert.ObjectsAreEqual(views[1], views[2]) {
			break
		}
		t.Log("the gateways differ at first")
	}
	require.Equal(t, views[1], views[2], "both gateways")
	for _, box := range []string{"INBOX", "other"} {
		subjects := func(view map[string]map[string][]string) []string { return slices.Sorted(maps.Keys(view[box])) }
		require.Equal(t, subjects(views[0]), subjects(views[1]), "Cyrus itself and a gateway, %s", box)
	}
	require.NotEmpty(t, f.stored)
	for subject := range f.stored {
		_, inbox := views[1]["INBOX"][subject]
		_, other := views[1]["other"][subject]
		assert.True(t, inbox || other || f.doomed[subject], "%s is lost", subject)
	}
	t.Logf("%d stored, %d doomed, %d and %d left", len(f.stored), len(f.doomed), len(views[1]["INBOX"]), len(views[1]["other"]))
}
