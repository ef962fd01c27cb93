package embedded

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	bolt "github.com/boltdb/bolt"
	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

// fileOf is the file that a blob id stands for.
func (c *client) fileOf(blob string) string {
	name, ok := parseBlobID(jmap.ID(blob))
	require.True(c.t, ok)
	return c.store.accounts[c.account].blobs.path(name.digest)
}

// download returns the status and the body.
func (c *client) download(blob string) (int, string) {
	c.t.Helper()
	r := c.do("GET", pathDownload+c.account+"/"+blob+"/x", nil)
	return r.StatusCode, readAll(c.t, r)
}

// A file that was cut short or overwritten is an error, and sending the message again mends it.
func TestDamagedBlob(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"cut":         func(b []byte) []byte { return b[:len(b)/3] },
		"empty":       func([]byte) []byte { return nil },
		"longer":      func(b []byte) []byte { return append(b, "more"...) },
		"overwritten": func(b []byte) []byte { b[len(b)-5] ^= 1; return b },
	} {
		for _, size := range []int{5000, rememberFrom + 5000} {
			t.Run(fmt.Sprintf("%s/%d", name, size), func(t *testing.T) {
				c := newClient(t, Limits{})
				text := message("subject", "a@example.org", strings.Repeat("0123456789 abcde", size/16))
				id := c.importMail(text, c.mailbox("inbox"), "")
				blob := c.upload(text)
				status, body := c.download(blob)
				require.Equal(t, 200, status)
				require.Equal(t, text, body)

				whole, err := os.ReadFile(c.fileOf(blob))
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(c.fileOf(blob), damage(bytes.Clone(whole)), 0o600))
				later := time.Now().Add(time.Hour) // whatever the resolution of the file system's clock
				require.NoError(t, os.Chtimes(c.fileOf(blob), later, later))

				status, body = c.download(blob)
				require.Equal(t, 500, status, "%.100s", body)
				get := fmt.Sprintf(`"ids":[%q],"properties":["subject","size","bodyValues"],"fetchTextBodyValues":true`, id)
				require.Equal(t, "serverFail", c.fails("Email/get", get))
				require.Equal(t, "serverFail", c.fails("Email/parse", fmt.Sprintf(`"blobIds":[%q]`, blob)))
				require.Equal(t, "serverFail", c.fails("Email/query", `"filter":{"body":"nowhere"}`))
				require.Equal(t, "subject", c.email(id, `["subject","size"]`)["subject"], "what lies beside the message is whole")
				if name != "overwritten" { // only the length is looked at, to read no more than the header
					require.Equal(t, "serverFail", c.fails("Email/query", `"filter":{"header":["X-Other"]}`))
				}

				require.Equal(t, blob, c.upload(text))
				status, body = c.download(blob)
				require.Equal(t, 200, status)
				require.Equal(t, text, body)
				c.ok("Email/get", get)
				left, err := os.ReadDir(c.store.accounts[c.account].blobs.tmp)
				require.NoError(t, err)
				require.Empty(t, left)
			})
		}
	}
}

// The message of an Email that is there is not said to be absent, for absent is what was destroyed.
func TestLostBlob(t *testing.T) {
	c := newClient(t, Limits{})
	text := message("subject", "a@example.org", "text")
	id := c.importMail(text, c.mailbox("inbox"), "")
	blob := c.upload(text)
	loose := c.upload("nothing refers to this")
	require.NoError(t, os.Remove(c.fileOf(blob)))
	require.NoError(t, os.Remove(c.fileOf(loose)))

	status, _ := c.download(blob)
	require.Equal(t, 500, status)
	status, _ = c.download(strings.Replace(blob, "b", "p", 1) + "-1")
	require.Equal(t, 500, status)
	status, _ = c.download(loose)
	require.Equal(t, 404, status)
	get := fmt.Sprintf(`"ids":[%q],"properties":["bodyValues"],"fetchTextBodyValues":true`, id)
	require.Equal(t, "serverFail", c.fails("Email/get", get))
	require.Equal(t, "serverFail", c.fails("Email/parse", fmt.Sprintf(`"blobIds":[%q]`, blob)))
	require.Equal(t, "serverFail", c.fails("Email/query", `"filter":{"body":"text"}`))
	require.Equal(t, "serverFail", c.fails("Email/query", `"filter":{"header":["X-Other"]}`))
	require.Equal(t, "serverFail", c.fails("SearchSnippet/get", fmt.Sprintf(`"filter":{"body":"text"},"emailIds":[%q]`, id)))
	require.Equal(t, "subject", c.email(id, `["subject"]`)["subject"])
	require.NoError(t, c.store.Share("alice", "bob"))
	bob := clientFor(t, c.store, c.url, "bob")
	require.Equal(t, "serverFail", bob.fails("Blob/copy", fmt.Sprintf(`"fromAccountId":%q,"blobIds":[%q]`, c.account, blob)))
	require.Equal(t, "serverFail", bob.fails("Email/copy", fmt.Sprintf(`"fromAccountId":%q,"create":{"k":{"id":%q,"mailboxIds":{%q:true}}}`,
		c.account, id, bob.mailbox("inbox"))))

	require.Equal(t, blob, c.upload(text))
	c.ok("Email/get", get)
	status, body := c.download(blob)
	require.Equal(t, 200, status)
	require.Equal(t, text, body)

	require.NoError(t, os.Remove(c.fileOf(blob)))
	c.ok("Email/set", fmt.Sprintf(`"destroy":[%q]`, id))
	status, _ = c.download(blob)
	require.Equal(t, 404, status)
}

// A creation id of a call that failed stands for nothing, whatever gets the number that its record had.
func TestFailedCreation(t *testing.T) {
	c := newClient(t, Limits{})
	inbox := c.mailbox("inbox")
	broken := c.importMail(message("broken", "a@example.org", "x"), inbox, "")
	a := c.store.accounts[c.account]
	require.NoError(t, a.db.Update(func(tx *bolt.Tx) error {
		n, _ := parseID(prefixEmail, jmap.ID(broken))
		return tx.Bucket(bucketHeaders).Delete(numberKey(n))
	}))
	create := fmt.Sprintf(`"create":{"%%s":{"mailboxIds":{%q:true}}}`, inbox)
	response := c.raw(`["Email/set",{"accountId":"$A",` + fmt.Sprintf(create, "k") + `,"destroy":["` + broken + `"]},"0"],` +
		`["Email/set",{"accountId":"$A",` + fmt.Sprintf(create, "m") + `},"1"],` +
		`["Email/set",{"accountId":"$A","destroy":["#k"]},"2"]`)
	require.Equal(t, "error", response.MethodResponses[0].Name)
	made := plain(t, response.MethodResponses[1].Raw)["created"].(map[string]any)["m"].(map[string]any)["id"].(string)
	require.Contains(t, plain(t, response.MethodResponses[2].Raw)["notDestroyed"], "#k")
	require.Equal(t, []any{made, broken}, c.ok("Email/query", "")["ids"])
}

// A large file that is cut while it is read is an error, not the end of the process.
func TestFileCutWhileItIsRead(t *testing.T) {
	c := newClient(t, Limits{})
	blob := c.upload(strings.Repeat("0123456789abcdef", 2*smallMessage/16))
	name, _ := parseBlobID(jmap.ID(blob))
	sum := 0
	err := c.store.accounts[c.account].withBlob(t.Context(), name.digest, func(octets []byte) error {
		if err := os.Truncate(c.fileOf(blob), 100); err != nil {
			return err
		}
		for _, octet := range octets {
			sum += int(octet)
		}
		return nil
	})
	require.ErrorIs(t, err, ErrCorrupt)
	require.Panics(t, func() {
		c.upload(strings.Repeat("0123456789abcdef", 2*smallMessage/16))
		_ = c.store.accounts[c.account].withBlob(t.Context(), name.digest, func([]byte) error { panic("another fault") })
	})
}
