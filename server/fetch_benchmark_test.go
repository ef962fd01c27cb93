package server_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/dragoman-mail/dragoman/generated/jmap"
	jmapclient "github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/server/servertest"
)

// many is how many messages the benchmarks of FETCH and SEARCH run over.
const many = 2000

// filled is a server whose INBOX holds many messages, and a client that has it
// selected.
func filled(b *testing.B) *servertest.Client {
	b.Helper()
	server := servertest.New(b, servertest.Options{Unchecked: true})
	client, err := jmapclient.New(jmapclient.Config{URL: "http://embedded.invalid/", HTTPTransport: server.Store.Transport()})
	if err != nil {
		b.Fatal(err)
	}
	session, err := client.Login(b.Context(), jmapclient.Credentials{User: "demo", Password: "demo"})
	if err != nil {
		b.Fatal(err)
	}
	account, _ := session.MailAccount()
	boxes, err := jmapclient.Call(b.Context(), session, &jmap.MailboxGet{AccountID: account})
	if err != nil {
		b.Fatal(err)
	}
	const batch = 250
	for first := 0; first < many; first += batch {
		emails := map[jmap.ID]*jmap.EmailImportObject{}
		for i := first; i < first+batch; i++ {
			octets := fmt.Sprintf("From: Ann <ann@example.org>\r\nTo: bob@example.org\r\nSubject: message %d\r\nMessage-ID: <%d@example.org>\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n\r\n%s", i, i, strings.Repeat("A line of text.\r\n", 100))
			blob, err := session.Upload(b.Context(), account, "message/rfc822", bytes.NewReader([]byte(octets)), int64(len(octets)))
			if err != nil {
				b.Fatal(err)
			}
			emails[jmap.ID(fmt.Sprint("m", i))] = &jmap.EmailImportObject{BlobID: blob.BlobID, MailboxIDs: map[jmap.ID]bool{inbox(boxes.List): true}}
		}
		if _, err := jmapclient.Call(b.Context(), session, &jmap.EmailImport{AccountID: account, Emails: emails}); err != nil {
			b.Fatal(err)
		}
	}
	return server.Select()
}

func inbox(boxes []*jmap.Mailbox) jmap.ID {
	for _, box := range boxes {
		if box.Role != nil && *box.Role == "inbox" {
			return box.ID
		}
	}
	return ""
}

// BenchmarkCommands runs commands over many messages as a client sees them, once
// the caches are warm. The figure is per command.
func BenchmarkCommands(b *testing.B) {
	client := filled(b)
	for _, c := range []struct{ name, command string }{
		{"select", "SELECT INBOX"},
		{"status", "STATUS INBOX (MESSAGES UNSEEN UIDNEXT SIZE)"},
		{"fetch-flags", "FETCH 1:* (UID FLAGS)"},
		{"fetch-overview", "FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)"},
		{"fetch-bodystructure", "FETCH 1:* BODYSTRUCTURE"},
		{"fetch-fields", "FETCH 1:* BODY.PEEK[HEADER.FIELDS (FROM TO SUBJECT DATE MESSAGE-ID REFERENCES)]"},
		{"fetch-bodies", "FETCH 1:* BODY.PEEK[]"},
		{"search-flags", "SEARCH UNSEEN NOT DELETED SINCE 1-Jan-2020"},
		{"search-subject", "SEARCH SUBJECT \"message 1999\""},
		{"search-body", "SEARCH BODY \"no such words\""},
	} {
		b.Run(c.name, func(b *testing.B) {
			client.Do(c.command)
			b.ReportAllocs()
			for b.Loop() {
				client.Drain(client.Start(c.command))
			}
		})
	}
}
