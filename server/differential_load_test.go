package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/testdata/mail/hard"
)

// firstReceived is the internal date of the first message of the corpus. The others follow in steps that are no whole number of days, in other
// zones, so that the gateway, which knows no other order, gives them the order in which Cyrus got them.
var firstReceived = time.Date(2026, 2, 27, 22, 40, 0, 0, time.UTC)

const receivedStep = 7*time.Hour + 13*time.Minute + 5*time.Second

func received(i int) string {
	zone := time.FixedZone("", (i%5-2)*5*3600+(i%2)*1800)
	return firstReceived.Add(time.Duration(i) * receivedStep).In(zone).Format("_2-Jan-2006 15:04:05 -0700")
}

// corpusFlags gives each combination of flags to some messages.
func corpusFlags(i int) string {
	var flags []string
	for bit, flag := range []string{`\Seen`, `\Flagged`, `\Answered`, `\Draft`, `$Forwarded`, `Mill`} {
		if i>>bit&1 == 1 {
			flags = append(flags, flag)
		}
	}
	return strings.Join(flags, " ")
}

func appendCommand(mailbox, flags, date string, octets []byte) string {
	if date != "" {
		date = `"` + date + `" `
	}
	return fmt.Sprintf("APPEND %s (%s) %s{%d+}\r\n%s", mailbox, flags, date, len(octets), octets)
}

func wholeCorpus(hard.Message) bool { return true }

// load puts what is wanted of the corpus into INBOX by native APPEND and returns the names of the messages by sequence number. One
// message before them is gone again, so that the two servers have other UIDs.
func load(t *testing.T, native *peer, wanted func(hard.Message) bool) []string {
	t.Helper()
	corpus, err := hard.All()
	require.NoError(t, err)
	corpus = slices.DeleteFunc(corpus, func(m hard.Message) bool { return !wanted(m) })
	native.ok(appendCommand("INBOX", `\Deleted`, "", []byte("Subject: gone before\r\n\r\nnobody saw it\r\n")))
	native.ok("SELECT INBOX")
	native.ok("CLOSE")
	var names []string
	for i, m := range corpus {
		native.ok(appendCommand("INBOX", corpusFlags(i), received(i), m.Octets))
		names = append(names, m.Name)
	}
	return names
}
