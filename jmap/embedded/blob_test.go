package embedded

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

func TestUploadDownload(t *testing.T) {
	c := newClient(t, Limits{MaxSizeUpload: 1000})
	blob := c.upload("some octets\x00\xff")
	require.Equal(t, blob, c.upload("some octets\x00\xff"))

	r := c.do("GET", pathDownload+c.account+"/"+blob+"/r%C3%A9sum%C3%A9%20%22x%22.txt?accept=text%2Fplain%3B%20charset%3Dutf-8", nil)
	require.Equal(t, 200, r.StatusCode)
	require.Equal(t, "text/plain; charset=utf-8", r.Header.Get("Content-Type"))
	require.Contains(t, r.Header.Get("Content-Disposition"), "attachment; filename*=utf-8''r%C3%A9sum%C3%A9")
	require.Contains(t, r.Header.Get("Cache-Control"), "immutable")
	require.Equal(t, "some octets\x00\xff", readAll(t, r))

	r = c.do("GET", pathDownload+c.account+"/"+blob+"/x?accept=nonsense", nil, "Range", "bytes=5-10")
	require.Equal(t, 206, r.StatusCode)
	require.Equal(t, "application/octet-stream", r.Header.Get("Content-Type"))
	require.Equal(t, "octets", readAll(t, r))

	require.Equal(t, 404, c.do("GET", pathDownload+c.account+"/bxyz/x", nil).StatusCode)
	require.Equal(t, 404, c.do("GET", pathDownload+c.account+"/"+strings.Replace(blob, "b", "p", 1)+"-2/x", nil).StatusCode)

	for _, body := range []io.Reader{strings.NewReader(strings.Repeat("x", 1001)), io.MultiReader(strings.NewReader(strings.Repeat("x", 1001)))} {
		r = c.do("POST", pathUpload+c.account+"/", body)
		require.Equal(t, 413, r.StatusCode)
		var p jmap.RequestError
		require.NoError(t, json.Unmarshal([]byte(readAll(t, r)), &p))
		require.Equal(t, "maxSizeUpload", p.Limit)
	}
	left, err := os.ReadDir(c.store.accounts[c.account].blobs.tmp)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestConcurrencyLimits(t *testing.T) {
	c := newClient(t, Limits{MaxConcurrentUpload: 1, MaxConcurrentRequests: 1})
	for _, test := range []struct{ path, contentType, limit, gate string }{
		{pathUpload + c.account + "/", "text/plain", "maxConcurrentUpload", "upload"},
		{pathAPI, "application/json", "maxConcurrentRequests", "request"},
	} {
		// Which request is inside is looked up and not tried: a try that is inside would turn the slow request away.
		inside := func(n int) {
			require.Eventually(t, func() bool {
				g := &c.store.gates
				g.mu.Lock()
				defer g.mu.Unlock()
				return g.now[gate{"alice", test.gate}] == n
			}, 20*time.Second, time.Millisecond)
		}
		inside(0)
		body, feed := io.Pipe()
		defer feed.Close()
		done := make(chan struct{})
		go func() {
			defer close(done)
			r, err := http.NewRequest("POST", c.url+test.path, body)
			if err != nil {
				return
			}
			r.SetBasicAuth("alice", "secret")
			r.Header.Set("Content-Type", test.contentType)
			if response, err := http.DefaultClient.Do(r); err == nil {
				response.Body.Close()
			}
		}()
		_, err := feed.Write([]byte(" ")) // the request is under way
		require.NoError(t, err)
		inside(1)
		r := c.do("POST", test.path, strings.NewReader(`{`+usingMail+`,"methodCalls":[]}`), "Content-Type", test.contentType)
		text := readAll(t, r)
		require.Equal(t, 429, r.StatusCode)
		require.Contains(t, text, test.limit)
		feed.Close()
		<-done
	}
}

func TestPartBlobs(t *testing.T) {
	c := newClient(t, Limits{})
	inner := "Subject: inner\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\ntext\r\n--y\r\nContent-Type: image/png\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--y--\r\n"
	outer := "Subject: outer\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhello\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n" + inner + "\r\n--x--\r\n"
	id := c.importMail(outer, c.mailbox("inbox"), "")
	attachment := c.email(id, `["attachments"]`)["attachments"].([]any)[0].(map[string]any)
	blob := attachment["blobId"].(string)
	require.Equal(t, inner, readAll(t, c.do("GET", pathDownload+c.account+"/"+blob+"/x", nil)))

	result := c.ok("Email/parse", `"blobIds":["`+blob+`"],"properties":["id","threadId","subject","attachments","size"]`)
	parsed := result["parsed"].(map[string]any)[blob].(map[string]any)
	require.Equal(t, "inner", parsed["subject"])
	require.Nil(t, parsed["id"])
	require.Contains(t, parsed, "id")
	require.Contains(t, parsed, "threadId")
	image := parsed["attachments"].([]any)[0].(map[string]any)
	require.Equal(t, "\x00\x01\x02", readAll(t, c.do("GET", pathDownload+c.account+"/"+image["blobId"].(string)+"/x", nil)))
	require.EqualValues(t, 3, image["size"])

	// The part becomes an Email of its own.
	result = c.ok("Email/import", `"emails":{"k":{"blobId":"`+blob+`","mailboxIds":{"`+c.mailbox("inbox")+`":true}}}`)
	made := result["created"].(map[string]any)["k"].(map[string]any)
	require.Equal(t, "inner", c.email(made["id"].(string), `["subject"]`)["subject"])
}

func TestBlobCollection(t *testing.T) {
	c := newClient(t, Limits{})
	a := c.store.accounts[c.account]
	used := c.upload(message("kept", "a@example.org", "x"))
	id := c.importMail(message("kept", "a@example.org", "x"), c.mailbox("inbox"), "")
	loose := c.upload("nothing refers to this")
	exists := func(blob string) bool {
		name, _ := parseBlobID(jmap.ID(blob))
		_, err := os.Stat(a.blobs.path(name.digest))
		return err == nil
	}
	n, err := a.collect(time.Now().Add(-time.Hour))
	require.NoError(t, err)
	require.Zero(t, n)
	require.True(t, exists(loose))

	n, err = a.collect(time.Now().Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.False(t, exists(loose))
	require.True(t, exists(used))

	c.ok("Email/set", `"destroy":["`+id+`"]`)
	n, err = a.collect(time.Now().Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.False(t, exists(used))
}

func TestBlobCopy(t *testing.T) {
	c := newClient(t, Limits{})
	require.NoError(t, c.store.Share("bob", "alice"))
	bob := clientFor(t, c.store, c.url, "bob")
	blob := bob.upload("octets")
	result := c.ok("Blob/copy", `"fromAccountId":"`+bob.account+`","blobIds":["`+blob+`","bnone"]`)
	require.Equal(t, map[string]any{blob: blob}, result["copied"])
	require.Equal(t, "notFound", result["notCopied"].(map[string]any)["bnone"].(map[string]any)["type"])
	require.Equal(t, "octets", readAll(t, c.do("GET", pathDownload+c.account+"/"+blob+"/x", nil)))
}
