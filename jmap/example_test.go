package jmap_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"time"

	proto "github.com/dragoman-mail/dragoman/generated/jmap"
	"github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/jmap/embedded"
)

// serve runs a JMAP server with the user ann, password secret, until stop is called.
func serve() (url string, stop func()) {
	dir, err := os.MkdirTemp("", "jmap-example-")
	if err != nil {
		log.Fatal(err)
	}
	store, err := embedded.Open(embedded.Options{Dir: dir, HashIterations: 1})
	if err != nil {
		log.Fatal(err)
	}
	if err := store.AddAccount("ann", "secret"); err != nil {
		log.Fatal(err)
	}
	server := httptest.NewServer(store)
	return server.URL, func() { server.Close(); store.Close(); os.RemoveAll(dir) }
}

// login logs ann in.
func login(ctx context.Context, url string) (*jmap.Session, proto.ID) {
	client, err := jmap.New(jmap.Config{URL: url})
	if err != nil {
		log.Fatal(err)
	}
	session, err := client.Login(ctx, jmap.Credentials{User: "ann", Password: "secret"})
	if err != nil {
		log.Fatal(err)
	}
	account, ok := session.MailAccount()
	if !ok {
		log.Fatal("ann has no mail")
	}
	return session, account
}

// deliver puts a message into the Inbox: an upload, and then a batch of two calls. It returns the Email's id and blob.
func deliver(ctx context.Context, session *jmap.Session, account proto.ID, message string) *proto.Email {
	uploaded, err := session.Upload(ctx, account, "message/rfc822", strings.NewReader(message), int64(len(message)))
	if err != nil {
		log.Fatal(err)
	}
	boxes, err := jmap.Call(ctx, session, &proto.MailboxGet{AccountID: account})
	if err != nil {
		log.Fatal(err)
	}
	var inbox proto.ID
	for _, box := range boxes.List {
		if box.Role != nil && *box.Role == "inbox" {
			inbox = box.ID
		}
	}
	imported, err := jmap.Call(ctx, session, &proto.EmailImport{AccountID: account, Emails: map[proto.ID]*proto.EmailImportObject{
		"new": {BlobID: uploaded.BlobID, MailboxIDs: map[proto.ID]bool{inbox: true}, ReceivedAt: proto.NewUTCDate(time.Now())},
	}})
	if err != nil {
		log.Fatal(err)
	}
	return imported.Created["new"]
}

// Several method calls go in one request. A result reference makes the second one use what the first one finds.
func Example() {
	url, stop := serve()
	defer stop()
	ctx := context.Background()
	session, account := login(ctx, url)
	deliver(ctx, session, account, "Subject: Lunch?\r\n\r\nAt one.\r\n")

	var request proto.Request
	query := proto.Add(&request, &proto.EmailQuery{AccountID: account})
	get := proto.Add(&request, &proto.EmailGet{AccountID: account, IDsRef: query.Ref("/ids"), Properties: []string{"id", "subject"}})
	response, err := session.Do(ctx, &request)
	if err != nil {
		log.Fatal(err)
	}
	emails, err := get.Response(response) // an error of the method, such as unknownMethod, is here
	if err != nil {
		log.Fatal(err)
	}
	for _, email := range emails.List {
		fmt.Println(*email.Subject)
	}
	// Output: Lunch?
}

// Blobs are streamed, up and down.
func ExampleSession_Download() {
	url, stop := serve()
	defer stop()
	ctx := context.Background()
	session, account := login(ctx, url)
	email := deliver(ctx, session, account, "Subject: Lunch?\r\n\r\nAt one.\r\n")

	body, size, err := session.Download(ctx, account, email.BlobID, "message/rfc822", "lunch.eml")
	if err != nil {
		log.Fatal(err)
	}
	defer body.Close()
	octets, err := io.ReadAll(body)
	fmt.Println(size, len(octets), err)
	_, _, err = session.Download(ctx, account, "no-such-blob", "message/rfc822", "x.eml")
	fmt.Println(errors.Is(err, jmap.ErrNotFound))
	// Output:
	// 28 28 <nil>
	// true
}

// Watch tells that something changed, over whatever the server has for that. What changed is asked for with the /changes methods.
func ExampleSession_Watch() {
	url, stop := serve()
	defer stop()
	ctx, cancel := context.WithCancel(context.Background())
	session, account := login(ctx, url)
	state, err := jmap.Call(ctx, session, &proto.EmailGet{AccountID: account, IDs: []proto.ID{}})
	if err != nil {
		log.Fatal(err)
	}
	var mail sync.WaitGroup
	options := jmap.WatchOptions{EventOptions: jmap.EventOptions{
		Types: []string{"Email"},
		Opened: sync.OnceFunc(func() {
			mail.Go(func() { deliver(context.Background(), session, account, "Subject: Lunch?\r\n\r\nAt one.\r\n") })
		}),
	}}
	err = session.Watch(ctx, options, func(jmap.Event) {
		changes, err := jmap.Call(ctx, session, &proto.EmailChanges{AccountID: account, SinceState: state.State})
		if err == nil && len(changes.Created) > 0 {
			fmt.Println("created:", len(changes.Created))
			cancel()
		}
	})
	mail.Wait()
	fmt.Println(err)
	// Output:
	// created: 1
	// context canceled
}

// Errors fall into classes. What can be repeated without harm has been repeated when an error is returned.
func ExampleUnavailableError() {
	client, err := jmap.New(jmap.Config{
		URL:   "http://127.0.0.1:1", // nobody listens there
		Retry: jmap.RetryPolicy{Tries: 1},
	})
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.Login(context.Background(), jmap.Credentials{User: "ann", Password: "secret"})
	var unavailable *jmap.UnavailableError
	fmt.Println(errors.Is(err, jmap.ErrUnauthorized), errors.As(err, &unavailable) && unavailable.Unsent())
	// Output: false true
}

// A server with two endpoints, which are found by the SRV records of a domain should these say so, behind a private authority.
func ExampleConfig() {
	_, err := jmap.New(jmap.Config{
		URLs:         []string{"example.org", "https://backup.example.org/.well-known/jmap"},
		TrustedHosts: []string{"jmap.provider.example"}, // where the SRV records may lead besides example.org and below
		Timeout:      30 * time.Second,
		Retry:        jmap.RetryPolicy{Tries: 5},
		Breaker:      jmap.BreakerPolicy{Failures: 10, LongestPause: time.Minute},
	})
	fmt.Println(err)
	// Output: <nil>
}
