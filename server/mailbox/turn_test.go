package mailbox

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// Sessions of one account that write all the while do not keep another one's expunge from happening.
func TestExpungeHasItsTurnAmongOwnWrites(t *testing.T) {
	f := newFixture(t)
	f.server.add(1, "inbox")
	f.server.add(2, "work")
	inbox, work := f.view("INBOX"), f.view("Work")
	busy := f.session()
	defer busy.Close()
	_, err := f.account.StoreFlags(ctx, inbox, StoreRequest{Seqs: []uint32{1}, Op: StoreAdd, Flags: []string{`\Deleted`}})
	require.NoError(t, err)
	var writes []chan error
	f.server.hook = func(q *jmap.Request) {
		if !expunges(q) {
			return
		}
		wrote := make(chan error, 1)
		writes = append(writes, wrote)
		op := []StoreOp{StoreRemove, StoreAdd}[len(writes)%2]
		go func() {
			_, err := busy.StoreFlags(ctx, work, StoreRequest{Seqs: []uint32{1}, Op: op, Flags: []string{`\Seen`}})
			wrote <- err
		}()
		select {
		case err := <-wrote: // it overtook the expunge
			wrote <- err
		case <-time.After(100 * time.Millisecond): // it waits for its turn
		}
	}
	result, err := f.account.Expunge(ctx, inbox, nil)
	require.NoError(t, err)
	require.Len(t, result.UIDs, 1)
	require.Len(t, writes, expungeShared+1)
	for _, wrote := range writes {
		require.NoError(t, <-wrote)
	}
}

// expunges says whether a request is one of an expunge.
func expunges(q *jmap.Request) bool {
	for _, call := range q.MethodCalls {
		if set, ok := call.Args.(*jmap.EmailSet); ok && set.IfInState != nil {
			return true
		}
	}
	return false
}
