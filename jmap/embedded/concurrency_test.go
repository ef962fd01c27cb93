package embedded

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Many clients at once: every import is there in the end, the counts are right, and each reader
// saw states and records that fit together.
func TestConcurrency(t *testing.T) {
	c := newClient(t, Limits{MaxConcurrentRequests: 100, MaxConcurrentUpload: 100})
	inbox := c.mailbox("inbox")
	const writers, each = 4, 15
	var work sync.WaitGroup
	for n := range writers {
		work.Go(func() {
			for i := range each {
				id := c.importMail(message(fmt.Sprint(n, i), "a@example.org", "x", "References: <r@x>"), inbox, "")
				c.ok("Email/set", fmt.Sprintf(`"update":{%q:{"keywords/$seen":true}}`, id))
				if i%3 == 0 {
					c.ok("Email/set", fmt.Sprintf(`"destroy":[%q]`, id))
				}
			}
		})
	}
	work.Go(func() {
		for range each {
			r := c.ok("Email/query", `"filter":{"text":"x"},"calculateTotal":true`)
			require.Len(t, r["ids"], int(r["total"].(float64)))
			if _, err := c.store.accounts[c.account].collect(c.store.now().Add(-time.Minute)); err != nil {
				t.Error(err)
			}
		}
	})
	work.Go(func() {
		for range each {
			c.ok("Email/get", `"ids":null,"fetchTextBodyValues":true`)
		}
	})
	work.Wait()
	now := c.look()
	require.Len(t, now.records["Email"], writers*each*2/3)
	checkCounts(t, now)
}
