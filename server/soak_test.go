package server_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/server/servertest"
)

// model is what a client believes about the selected mailbox, learnt from responses only.
type model struct {
	t    *testing.T
	name string
	uids []uint32 // by sequence number; 0 where not known yet
}

// learn holds a response against the model and takes what is new.
func (m *model) learn(response imap.Response) {
	switch r := response.(type) {
	case *imap.ExistsData:
		assert.GreaterOrEqual(m.t, int(r.Count), len(m.uids), "%s: EXISTS must not shrink", m.name)
		for len(m.uids) < int(r.Count) {
			m.uids = append(m.uids, 0)
		}
	case *imap.ExpungeData:
		if assert.LessOrEqual(m.t, int(r.Seq), len(m.uids), "%s: EXPUNGE of nothing", m.name) {
			m.uids = append(m.uids[:r.Seq-1:r.Seq-1], m.uids[r.Seq:]...)
		}
	case *imap.FetchData:
		m.fetched(r)
	}
}

func (m *model) fetched(r *imap.FetchData) {
	if !assert.LessOrEqual(m.t, int(r.Seq), len(m.uids), "%s: FETCH of nothing", m.name) {
		return
	}
	for _, item := range r.Items {
		if uid, ok := item.(*imap.MsgUID); ok {
			known := &m.uids[r.Seq-1]
			assert.True(m.t, *known == 0 || *known == uid.UID, "%s: message %d was UID %d and is %d", m.name, r.Seq, *known, uid.UID)
			*known = uid.UID
		}
	}
}

// run runs a command and learns from its responses.
func (m *model) run(c *servertest.Client, command string) string {
	reply := c.Do(command)
	for _, r := range reply.Untagged {
		m.learn(r.Parsed)
	}
	return reply.Tagged.Text
}

// anything is a random command; numbers may be out of range, which must do no harm.
func anything(r *rand.Rand, n int) string {
	seq := 1 + r.IntN(max(n, 1))
	switch r.IntN(9) {
	case 0, 1:
		body := fmt.Sprintf("Subject: %d\r\n\r\nx\r\n", r.Uint64())
		return fmt.Sprintf("APPEND INBOX {%d+}\r\n%s", len(body), body)
	case 2:
		return fmt.Sprintf(`STORE %d +FLAGS (\Flagged)`, seq)
	case 3:
		return fmt.Sprintf(`UID STORE %d -FLAGS.SILENT (\Flagged)`, seq)
	case 4:
		return fmt.Sprintf(`STORE %d +FLAGS (\Deleted)`, seq)
	case 5:
		return "EXPUNGE"
	case 6:
		return fmt.Sprintf("FETCH %d:* (UID FLAGS)", seq)
	case 7:
		return fmt.Sprintf("UID MOVE %d other", seq)
	}
	return "NOOP"
}

// Clients that change one mailbox at once must each be able to follow, and see the same in the end.
func TestManyClientsStayInStep(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	s.Login().OK("CREATE other")
	const clients, commands = 5, 60
	models := make([]*model, clients)
	connections := make([]*servertest.Client, clients)
	for i := range clients {
		models[i] = &model{t: t, name: fmt.Sprintf("client %d", i)}
		connections[i] = s.Login()
		models[i].run(connections[i], "SELECT INBOX")
	}
	var all sync.WaitGroup
	for i := range clients {
		all.Add(1)
		go func() {
			defer all.Done()
			r := rand.New(rand.NewPCG(uint64(i), 1))
			for range commands {
				models[i].run(connections[i], anything(r, len(models[i].uids)))
			}
		}()
	}
	all.Wait()
	for i := range clients {
		models[i].run(connections[i], "NOOP")
		models[i].run(connections[i], "FETCH 1:* (UID FLAGS)")
		require.Equal(t, models[0].uids, models[i].uids)
		require.NotContains(t, models[i].uids, uint32(0))
	}
	fresh := &model{t: t, name: "fresh"}
	c := s.Login()
	fresh.run(c, "SELECT INBOX")
	fresh.run(c, "FETCH 1:* UID")
	require.Equal(t, models[0].uids, fresh.uids)
}
