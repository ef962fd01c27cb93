package server_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/jmap/faultproxy"
	"github.com/dragoman-mail/dragoman/server/servertest"
)

// change does directly what the client is to hear of: letter 2 goes, letter 1 is flagged, letter 9 comes.
func (c *cell) change() {
	c.t.Helper()
	d := c.direct
	inbox := d.inbox()
	got, err := jmapclient.Call(c.t.Context(), d.session, &jmap.EmailQuery{AccountID: d.account, Filter: &jmap.EmailFilterCondition{InMailbox: inbox}})
	require.NoError(c.t, err)
	emails, err := jmapclient.Call(c.t.Context(), d.session, &jmap.EmailGet{AccountID: d.account, IDs: got.IDs, Properties: []string{"id", "blobId"}})
	require.NoError(c.t, err)
	set := &jmap.EmailSet{AccountID: d.account, Update: map[jmap.ID]*jmap.EmailPatch{}}
	for _, e := range emails.List {
		switch d.digest(e.BlobID) {
		case c.letter(1):
			set.Update[e.ID] = jmap.NewEmailPatch().SetKeyword("$flagged", true)
		case c.letter(2):
			set.Destroy = append(set.Destroy, e.ID)
		}
	}
	done, err := jmapclient.Call(c.t.Context(), d.session, set)
	require.NoError(c.t, err)
	require.Len(c.t, done.Updated, 1)
	require.Len(c.t, done.Destroyed, 1)
	d.deliver(letterText(c.user.User, 9), "", inbox)
}

// missed reads until the client has heard of all that change did.
func missed(t *testing.T, client *servertest.Client) {
	t.Helper()
	wanted := map[string]bool{"EXPUNGE": true, "EXISTS": true, "FETCH": true}
	for len(wanted) > 0 {
		text := client.Next().Text
		switch {
		case text == "* 2 EXPUNGE":
			delete(wanted, "EXPUNGE")
		case text == "* 3 EXISTS":
			delete(wanted, "EXISTS")
		case strings.HasPrefix(text, "* 1 FETCH") && strings.Contains(text, `\Flagged`):
			delete(wanted, "FETCH")
		default:
			require.Regexp(t, `^\* (OK Still here|\d+ RECENT|\d+ FETCH .*)$`, text)
		}
	}
}

// stillHere requires that the client is told nothing but that the server lives.
func stillHere(t *testing.T, client *servertest.Client) {
	t.Helper()
	for range 2 {
		require.Equal(t, "* OK Still here", client.Next().Text)
	}
}

// outages are what a client in IDLE lives through.
var outages = []faultproxy.Fault{
	faultproxy.Refused(), faultproxy.Reset(), faultproxy.Status(503, -1), faultproxy.Page(), faultproxy.EmptyLists(),
}

func TestIdleLivesThroughAnOutage(t *testing.T) {
	backend := embeddedBackend(t)
	for _, fault := range outages {
		t.Run("polling/"+fault.Name, func(t *testing.T) {
			t.Parallel()
			c := newCell(t, backend, cellOptions{keepAlive: 20 * time.Millisecond})
			c.seed()
			idler := c.login()
			succeed(t, idler, "SELECT INBOX")
			done := idler.Idle()
			outage := c.proxy.Inject(faultproxy.Rule{Fault: fault})
			<-outage.Met()
			c.change()
			<-outage.Met()
			stillHere(t, idler)
			outage.Lift()
			missed(t, idler)
			require.True(t, strings.HasPrefix(done().Tagged.Text, "OK "))
		})
		t.Run("push/"+fault.Name, func(t *testing.T) {
			t.Parallel()
			c := newCell(t, backend, cellOptions{push: true, keepAlive: 20 * time.Millisecond, poll: 50 * time.Millisecond})
			c.seed()
			idler := c.login()
			succeed(t, idler, "SELECT INBOX")
			done := idler.Idle()
			require.Eventually(t, func() bool { return c.proxy.Passing(faultproxy.Events) > 0 }, 20*time.Second, time.Millisecond)
			outage := c.proxy.Inject(faultproxy.Rule{Fault: fault})
			require.Equal(t, 1, c.proxy.Cut(faultproxy.Events))
			<-outage.Met()
			c.change()
			<-outage.Met()
			stillHere(t, idler)
			outage.Lift()
			missed(t, idler)
			require.True(t, strings.HasPrefix(done().Tagged.Text, "OK "))
		})
	}
}

// What a client in IDLE is told when its token has expired: to log in again. Silence would be for ever.
func TestIdleEndsWhenTheCredentialsHaveExpired(t *testing.T) {
	c := newCell(t, embeddedBackend(t), cellOptions{})
	c.seed()
	var idlers []*servertest.Client
	for range 3 {
		client := c.login()
		succeed(t, client, "SELECT INBOX")
		client.Idle()
		idlers = append(idlers, client)
	}
	expired := c.proxy.Inject(faultproxy.Rule{Fault: faultproxy.Status(401, -1)})
	for _, client := range idlers {
		said := client.Closed()
		require.NotEmpty(t, said)
		require.Equal(t, "* BYE [EXPIRED] The credentials are no longer accepted, please log in again", said[len(said)-1])
	}
	client := c.dial()
	require.Contains(t, client.No(c.loginLine()), "[AUTHENTICATIONFAILED]")
	expired.Lift()
	client.OK(c.loginLine())
}
