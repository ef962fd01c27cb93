package mailbox

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
)

// An account may have more mailboxes than the server gives at once.
func TestMoreMailboxesThanTheServerGives(t *testing.T) {
	for _, page := range []int{1000, 4} {
		f := newFixture(t)
		for i := range 10 {
			f.server.addMailbox(jmap.ID(fmt.Sprintf("more%d", i)), fmt.Sprintf("More %d", i), "", "")
		}
		f.server.limits.MaxObjectsInGet, f.server.queryPage = 3, page
		f.sync()
		require.Len(t, f.paths(), 13)
		require.NoError(t, f.account.SyncSubscriptions(ctx))
		f.server.taken()

		// The second time nothing is asked for in vain, and what is gone goes.
		delete(f.server.mailboxes, "more3")
		f.server.note(true, "more3", 'd')
		require.NoError(t, f.account.SyncSubscriptions(ctx))
		require.Len(t, f.paths(), 12)
		require.NotContains(t, f.paths(), "More 3")
		require.NotContains(t, strings.Split(f.server.taken()[0], " "), "Mailbox/get")
	}
}

// Some servers refuse the whole request.
func TestMailboxesThatAreTooManyForARequest(t *testing.T) {
	f := newFixture(t)
	refusals := 0
	f.server.hook = func(q *jmap.Request) {
		for _, call := range q.MethodCalls {
			if get, is := call.Args.(*jmap.MailboxGet); is && get.IDs == nil && get.IDsRef == nil {
				refusals++
				f.server.before = &jmap.RequestError{Type: jmap.RequestErrorLimit, Limit: "maxObjectsInGet", Status: 400}
			}
		}
	}
	f.sync()
	require.Len(t, f.paths(), 3)
	require.Equal(t, 2, refusals, "once with and once without the Emails")
}

// A server that takes fewer changes than it says, or less octets, gets fewer at once.
func TestChangesThatAreTooManyForTheServer(t *testing.T) {
	store := func(f *fixture, v *View) {
		result, err := f.account.StoreFlags(ctx, v, StoreRequest{Seqs: []uint32{1, 2, 3, 4, 5}, Op: StoreAdd, Flags: []string{`\Seen`, `\Deleted`}})
		require.NoError(t, err)
		require.Len(t, result.Stored, 5)
		for _, e := range f.server.emails {
			require.True(t, e.Keywords["$seen"])
		}
	}
	for name, limit := range map[string]func(*fixture){
		"by method error": func(f *fixture) { f.server.setTakes = 2 },
		"by a limit on octets": func(f *fixture) {
			f.server.hook = func(q *jmap.Request) {
				if set, is := q.MethodCalls[0].Args.(*jmap.EmailSet); is && len(set.Update)+len(set.Destroy) > 2 {
					f.server.before = &jmapclient.LimitError{Limit: "maxSizeRequest"}
				}
			}
		},
		"by a request error": func(f *fixture) {
			f.server.hook = func(q *jmap.Request) {
				if set, is := q.MethodCalls[0].Args.(*jmap.EmailSet); is && len(set.Update)+len(set.Destroy) > 2 {
					f.server.before = &jmap.RequestError{Type: jmap.RequestErrorLimit, Limit: "maxObjectsInSet", Status: 400}
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			for i := range 5 {
				f.server.add(int64(i), "inbox")
			}
			v := f.view("INBOX")
			limit(f)
			f.server.taken()
			store(f, v)
			require.Len(t, f.server.taken(), 1+3, "all five are refused, then two at a time go through")
			f.account.replica.setLimit.Store(0) // as after a restart
			_, err := f.account.Expunge(ctx, v, nil)
			require.NoError(t, err)
			require.Empty(t, f.server.emails)
		})
	}
	f := newFixture(t)
	f.server.add(1, "inbox")
	v := f.view("INBOX")
	f.server.hook = func(q *jmap.Request) {
		if q.MethodCalls[0].Name == "Email/set" {
			f.server.before = &jmapclient.LimitError{Limit: "maxSizeRequest"}
		}
	}
	_, err := f.account.StoreFlags(ctx, v, StoreRequest{Seqs: []uint32{1}, Op: StoreAdd, Flags: []string{`\Seen`}})
	require.ErrorIs(t, err, ErrLimit)
}
