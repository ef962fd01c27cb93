package embedded

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/jmap"
)

const benchEmails = 20_000

// big is an account with benchEmails, shared by the benchmarks.
var big struct {
	once sync.Once
	dir  string
	c    *client
	ids  []jmap.ID
}

func bigAccount(b *testing.B) (*client, []jmap.ID) {
	big.once.Do(func() {
		var err error
		big.dir, err = os.MkdirTemp("", "embedded") // outlives the first benchmark
		require.NoError(b, err)
		s, err := Open(Options{Dir: big.dir, HashIterations: 1})
		require.NoError(b, err)
		require.NoError(b, s.AddAccount("alice", "secret"))
		c := clientFor(b, s, "http://in.process", "alice")
		c.http = clientOf(s)
		a := s.accounts[c.account]
		for n := 0; n < benchEmails; n += 1000 {
			require.NoError(b, a.update(func(w *writer) error {
				for i := n; i < n+1000; i++ {
					text := message(fmt.Sprintf("subject %d", i), "Ann <ann@example.org>", "body", fmt.Sprintf("Message-ID: <%d@x>", i))
					d, _, err := a.blobs.put(strings.NewReader(text), 1<<20, s.now())
					if err != nil {
						return err
					}
					e := describe(d, []byte(text))
					e.row.mailboxes, e.row.keywords, e.row.received = []uint64{1}, []string{"$seen"}, int64(i*1000)
					if err := w.insertEmail(e.row, e.headers); err != nil {
						return err
					}
					big.ids = append(big.ids, emailID(e.row.id))
				}
				return nil
			}))
		}
		big.c = c
	})
	big.c.t = b
	return big.c, big.ids
}

func (c *client) bench(b *testing.B, method, args string) {
	c.ok(method, args)
	body := fmt.Sprintf(`{%s,"methodCalls":[["%s",{"accountId":"%s"%s},"0"]]}`, usingMail, method, c.account, comma(args))
	for b.Loop() {
		r := c.do("POST", pathAPI, strings.NewReader(body), "Content-Type", "application/json")
		if text := readAll(b, r); strings.Contains(text[:min(len(text), 200)], `"error"`) {
			b.Fatal(text)
		}
	}
}

func list(ids []jmap.ID) string {
	text, _ := json.Marshal(ids)
	return string(text)
}

func BenchmarkEmailGetMetadata500(b *testing.B) {
	c, ids := bigAccount(b)
	c.bench(b, "Email/get", `"ids":`+list(ids[:500])+`,"properties":["id","blobId","threadId","mailboxIds","keywords","size","receivedAt"]`)
}

func BenchmarkEmailGetMetadata5000(b *testing.B) {
	c, ids := bigAccount(b)
	c.bench(b, "Email/get", `"ids":`+list(ids[:5000])+`,"properties":["id","blobId","mailboxIds","keywords","size","receivedAt"]`)
}

func BenchmarkEmailGetEnvelope500(b *testing.B) {
	c, ids := bigAccount(b)
	c.bench(b, "Email/get", `"ids":`+list(ids[:500])+`,"properties":["subject","from","to","sentAt","preview"]`)
}

func BenchmarkEmailGetBodies500(b *testing.B) {
	c, ids := bigAccount(b)
	c.bench(b, "Email/get", `"ids":`+list(ids[:500])+`,"properties":["bodyStructure","bodyValues"],"fetchAllBodyValues":true`)
}

func BenchmarkEmailQuery20000(b *testing.B) {
	c, _ := bigAccount(b)
	c.bench(b, "Email/query", `"filter":{"inMailbox":"m1"}`)
}

func BenchmarkEmailQueryFirst50(b *testing.B) {
	c, _ := bigAccount(b)
	c.bench(b, "Email/query", `"filter":{"inMailbox":"m1","notKeyword":"$draft"},"limit":50`)
}

func BenchmarkEmailQuerySubject20000(b *testing.B) {
	c, _ := bigAccount(b)
	c.bench(b, "Email/query", `"filter":{"inMailbox":"m1"},"sort":[{"property":"subject"}],"limit":50`)
}

func BenchmarkEmailQueryBody20000(b *testing.B) {
	c, _ := bigAccount(b)
	c.bench(b, "Email/query", `"filter":{"body":"absent"}`)
}

func BenchmarkEmailChangesNone(b *testing.B) {
	c, _ := bigAccount(b)
	c.bench(b, "Email/changes", fmt.Sprintf(`"sinceState":%q`, c.state("Email")))
}

func BenchmarkEmailChanges20000(b *testing.B) {
	c, _ := bigAccount(b)
	c.bench(b, "Email/changes", `"sinceState":"0"`)
}

func BenchmarkSetKeywords500(b *testing.B) {
	c, ids := bigAccount(b)
	on := false
	for b.Loop() {
		on = !on
		value := map[bool]string{true: "true", false: "null"}[on]
		var patches []string
		for _, id := range ids[:500] {
			patches = append(patches, fmt.Sprintf(`"%s":{"keywords/$flagged":%s}`, id, value))
		}
		c.ok("Email/set", `"update":{`+strings.Join(patches, ",")+`}`)
	}
}

func BenchmarkImport100(b *testing.B) {
	c, _ := bigAccount(b)
	n := 0
	for b.Loop() {
		var emails []string
		for i := range 100 {
			n++
			blob := c.upload(message(fmt.Sprintf("import %d", n), "a@example.org", "x"))
			emails = append(emails, fmt.Sprintf(`"k%d":{"blobId":%q,"mailboxIds":{"m2":true}}`, i, blob))
		}
		c.ok("Email/import", `"emails":{`+strings.Join(emails, ",")+`}`)
	}
}

func BenchmarkUpload(b *testing.B) {
	c, _ := bigAccount(b)
	n := 0
	for b.Loop() {
		n++
		c.upload(message(fmt.Sprintf("upload %d", n), "a@example.org", strings.Repeat("x", 7000)))
	}
}
