package jmap_test

import (
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/jmap/embedded"
)

// importer puts messages into an Inbox.
type importer struct {
	t       testing.TB
	session *jmap.Session
	account proto.ID
	inbox   proto.ID
}

func newImporter(t testing.TB) *importer {
	store, err := embedded.Open(embedded.Options{Dir: t.TempDir(), HashIterations: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	require.NoError(t, store.AddAccount("ann", "secret"))
	server := httptest.NewServer(store)
	t.Cleanup(server.Close)
	client, err := jmap.New(jmap.Config{URL: server.URL})
	require.NoError(t, err)
	i := &importer{t: t}
	i.session, err = client.Login(t.Context(), jmap.Credentials{User: "ann", Password: "secret"})
	require.NoError(t, err)
	i.account, _ = i.session.MailAccount()
	boxes, err := jmap.Call(t.Context(), i.session, &proto.MailboxGet{AccountID: i.account})
	require.NoError(t, err)
	for _, box := range boxes.List {
		if box.Role != nil && *box.Role == "inbox" {
			i.inbox = box.ID
		}
	}
	require.NotEmpty(t, i.inbox)
	return i
}

func (i *importer) add(q *proto.Request, blob proto.ID) proto.Call[proto.EmailImportResponse] {
	return proto.Add(q, &proto.EmailImport{AccountID: i.account, Emails: map[proto.ID]*proto.EmailImportObject{
		"m0": {BlobID: blob, MailboxIDs: map[proto.ID]bool{i.inbox: true}},
	}})
}

// inOne imports with one request.
func (i *importer) inOne(message string) (blob proto.ID, made *proto.Email) {
	var q proto.Request
	inline, err := i.session.AddBlob(&q, i.account, "b0", "message/rfc822", []byte(message))
	require.NoError(i.t, err)
	call := i.add(&q, inline.Ref())
	response, err := i.session.Do(i.t.Context(), &q)
	require.NoError(i.t, err)
	blob, err = inline.ID(response)
	require.NoError(i.t, err)
	answer, err := call.Response(response)
	require.NoError(i.t, err)
	require.Contains(i.t, answer.Created, proto.ID("m0"), "%v", answer.NotCreated)
	return blob, answer.Created["m0"]
}

// inTwo imports with an upload and a request.
func (i *importer) inTwo(message string) {
	uploaded, err := i.session.Upload(i.t.Context(), i.account, "message/rfc822", strings.NewReader(message), int64(len(message)))
	require.NoError(i.t, err)
	var q proto.Request
	call := i.add(&q, uploaded.BlobID)
	response, err := i.session.Do(i.t.Context(), &q)
	require.NoError(i.t, err)
	answer, err := call.Response(response)
	require.NoError(i.t, err)
	require.Contains(i.t, answer.Created, proto.ID("m0"), "%v", answer.NotCreated)
}

func TestImportOfAnInlineBlob(t *testing.T) {
	i := newImporter(t)
	message := "From: Ann <ann@example.org>\r\nSubject: \xc3\xbc \xff\r\n\r\n\x00\x01\xfe\xff\r\n"
	blob, email := i.inOne(message)
	for _, id := range []proto.ID{blob, email.BlobID} {
		body, _, err := i.session.Download(t.Context(), i.account, id, "message/rfc822", "message.eml")
		require.NoError(t, err)
		octets, err := io.ReadAll(body)
		require.NoError(t, err)
		require.NoError(t, body.Close())
		require.Equal(t, message, string(octets))
	}
}

func BenchmarkImport(b *testing.B) {
	for _, size := range []int{2 << 10, 16 << 10, 32 << 10, 128 << 10, 512 << 10} {
		for name, run := range map[string]func(*importer, string){
			"one request":        func(i *importer, message string) { i.inOne(message) },
			"upload and request": (*importer).inTwo,
		} {
			b.Run(fmt.Sprintf("%d KiB/%s", size>>10, name), func(b *testing.B) {
				i := newImporter(b)
				body := strings.Repeat("0123456789abcdef0123456789abcdef0123456789abcdef01234567890\r\n", size/61)
				for n := 0; b.Loop(); n++ {
					run(i, fmt.Sprintf("Subject: %d\r\n\r\n%s", n, body))
				}
			})
		}
	}
}
