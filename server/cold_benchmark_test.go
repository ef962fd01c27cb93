package server_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/jmap/cyrustest"
	"github.com/dragoman-mail/dragoman/server/servertest"
)

// withoutBlob hides that a JMAP server has Blob/get. Where it lists no fields of headers either, each message is a download.
type withoutBlob struct {
	next     http.RoundTripper
	fieldsOK bool
}

func (w withoutBlob) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost && !w.fieldsOK && r.Header.Get("Content-Type") == "application/json" {
		text, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil {
			return nil, err
		}
		text = bytes.ReplaceAll(text, []byte(`"headers"`), []byte(`"hidden"`))
		r = r.Clone(r.Context())
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	}
	response, err := w.next.RoundTrip(r)
	if err != nil || r.Method != http.MethodGet || !strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
		return response, err
	}
	text, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil {
		return nil, err
	}
	for _, name := range []string{jmap.CapabilityBlob, "https://cyrusimap.org/ns/jmap/blob"} {
		text = bytes.ReplaceAll(text, []byte(`"`+name+`"`), []byte(`"x:hidden"`))
	}
	response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	response.Header.Del("Content-Length")
	return response, nil
}

// CloseIdleConnections passes the wish on.
func (w withoutBlob) CloseIdleConnections() {
	if next, ok := w.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}

// letterOf is a message with a header of common size and a body of some KiB.
func letterOf(i int) []byte {
	var b bytes.Buffer
	for hop := range 5 {
		fmt.Fprintf(&b, "Received: from relay%d.example.org (relay%d.example.org [192.0.2.%d])\r\n\tby mx.example.net with ESMTPS id %08x%08x\r\n\tfor <bob@example.net>; Mon, 1 Jan 2024 00:00:0%d +0000\r\n", hop, hop, hop, i, hop, hop)
	}
	fmt.Fprintf(&b, "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=k1; h=from:to:subject:date;\r\n\tbh=%s;\r\n\tb=%s\r\n", strings.Repeat("A", 44), strings.Repeat("Bc", 170))
	fmt.Fprintf(&b, "From: Ann %d <ann@example.org>\r\nTo: Bob <bob@example.net>\r\nSubject: message %d\r\nMessage-ID: <%d@example.org>\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n", i, i, i)
	b.WriteString(strings.Repeat("A line of text, as there are many.\r\n", 100+i%1000))
	return b.Bytes()
}

// fill imports messages into INBOX.
func fill(b *testing.B, session *jmapclient.Session, first, end int) {
	b.Helper()
	account, _ := session.MailAccount()
	boxes, err := jmapclient.Call(b.Context(), session, &jmap.MailboxGet{AccountID: account})
	if err != nil {
		b.Fatal(err)
	}
	const batch = 100
	for ; first < end; first += batch {
		emails := map[jmap.ID]*jmap.EmailImportObject{}
		for i := first; i < min(first+batch, end); i++ {
			octets := letterOf(i)
			blob, err := session.Upload(b.Context(), account, "message/rfc822", bytes.NewReader(octets), int64(len(octets)))
			if err != nil {
				b.Fatal(err)
			}
			emails[jmap.ID(fmt.Sprint("m", i))] = &jmap.EmailImportObject{BlobID: blob.BlobID, MailboxIDs: map[jmap.ID]bool{inbox(boxes.List): true}}
		}
		made, err := jmapclient.Call(b.Context(), session, &jmap.EmailImport{AccountID: account, Emails: emails})
		if err != nil || len(made.NotCreated) > 0 {
			b.Fatal(err, made)
		}
	}
}

// BenchmarkColdFetch runs commands over messages that nobody has seen: in batches, with the fields that Email/get lists, and each as a
// download of its own. One operation is
// one command; requests/op are those to the JMAP server.
func BenchmarkColdFetch(b *testing.B) {
	b.Run("embedded", func(b *testing.B) {
		store := servertest.New(b, servertest.Options{Unchecked: true}).Store
		coldFetch(b, servertest.Options{Store: store}, jmapclient.Config{
			URL: "http://embedded.invalid/", HTTPTransport: store.Transport(),
		}, jmapclient.Credentials{User: "demo", Password: "demo"})
	})
	b.Run("cyrus", func(b *testing.B) {
		cyrus := cyrustest.Start(b)
		user := cyrus.User(b)
		backend := &servertest.Backend{URL: cyrus.URL, Accounts: map[string]servertest.Account{
			"demo": {Password: "demo", Credentials: user.Credentials},
		}}
		coldFetch(b, servertest.Options{Backend: backend}, jmapclient.Config{URL: cyrus.URL}, user.Credentials)
	})
}

func coldFetch(b *testing.B, options servertest.Options, config jmapclient.Config, credentials jmapclient.Credentials) {
	client, err := jmapclient.New(config)
	if err != nil {
		b.Fatal(err)
	}
	session, err := client.Login(context.Background(), credentials)
	if err != nil {
		b.Fatal(err)
	}
	options.Unchecked = true
	filled := 0
	for _, n := range []int{500, 2000} {
		fill(b, session, filled, n)
		filled = n
		for _, item := range []string{"ENVELOPE", "BODYSTRUCTURE"} {
			for _, way := range []string{"batches", "fields", "downloads"} {
				b.Run(fmt.Sprintf("%d/%s/%s", n, item, way), func(b *testing.B) {
					options := options
					if way != "batches" {
						options.Transport = func(next http.RoundTripper) http.RoundTripper { return withoutBlob{next, way == "fields"} }
					}
					requests := 0
					b.ReportAllocs()
					for b.Loop() {
						b.StopTimer()
						server := servertest.New(b, options)
						client := server.Select()
						server.Requests()
						b.StartTimer()
						if reply := client.Do("FETCH 1:* (" + item + ")"); len(reply.Untagged) != n {
							b.Fatalf("%d responses", len(reply.Untagged))
						}
						requests += len(server.Requests())
					}
					b.ReportMetric(float64(requests)/float64(b.N), "requests/op")
				})
			}
		}
	}
}
