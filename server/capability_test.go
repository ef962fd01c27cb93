package server_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/server/servertest"
)

// probes has, for each capability that may be announced, commands that work only when its code is there.
var probes = map[string]func(c *servertest.Client){
	"IMAP4rev1":     func(c *servertest.Client) { c.OK(`LSUB "" *`); c.OK("CHECK") },
	"IMAP4rev2":     func(c *servertest.Client) { c.OK("ENABLE IMAP4rev2") },
	"LITERAL+":      func(c *servertest.Client) { c.OK("STATUS {5+}\r\nINBOX (MESSAGES)") },
	"ID":            func(c *servertest.Client) { c.OK("ID NIL") },
	"ENABLE":        func(c *servertest.Client) { c.OK("ENABLE X-NOTHING") },
	"NAMESPACE":     func(c *servertest.Client) { c.OK("NAMESPACE") },
	"IDLE":          func(c *servertest.Client) { c.Idle()() },
	"UNSELECT":      func(c *servertest.Client) { c.OK("UNSELECT"); c.OK("SELECT INBOX") },
	"UIDPLUS":       func(c *servertest.Client) { c.OK("UID EXPUNGE 1:*") },
	"MOVE":          func(c *servertest.Client) { c.OK("UID MOVE 4000000000 INBOX") },
	"ESEARCH":       func(c *servertest.Client) { c.OK("SEARCH RETURN (COUNT) ALL") },
	"SEARCHRES":     func(c *servertest.Client) { c.OK("SEARCH RETURN (SAVE) ALL"); c.OK("FETCH $ FLAGS") },
	"BINARY":        func(c *servertest.Client) { c.OK("FETCH 1 (BINARY.SIZE[1] BINARY[1])") },
	"CHILDREN":      func(c *servertest.Client) { c.OK(`LIST "" * RETURN (CHILDREN)`) },
	"LIST-EXTENDED": func(c *servertest.Client) { c.OK(`LIST (SUBSCRIBED RECURSIVEMATCH) "" ("a" "*")`) },
	"LIST-STATUS":   func(c *servertest.Client) { c.OK(`LIST "" * RETURN (STATUS (MESSAGES))`) },
	"SPECIAL-USE":   func(c *servertest.Client) { c.OK(`LIST (SPECIAL-USE) "" * RETURN (SPECIAL-USE)`) },
	"STATUS=SIZE":   func(c *servertest.Client) { c.OK("STATUS INBOX (SIZE)") },
}

// probesBeforeLogin are those of capabilities that are announced to strangers only.
var probesBeforeLogin = map[string]func(c *servertest.Client){
	"SASL-IR":    func(c *servertest.Client) { c.No("AUTHENTICATE PLAIN AHgAeQ==") },
	"AUTH=PLAIN": func(c *servertest.Client) { c.No("AUTHENTICATE PLAIN AHgAeQ==") },
	"STARTTLS":   func(c *servertest.Client) { c.OK("STARTTLS") },
}

func capabilities(c *servertest.Client) []string {
	line := c.OK("CAPABILITY")[0]
	return strings.Fields(line)[2:]
}

func TestEveryCapabilityHasItsCode(t *testing.T) {
	s := servertest.New(t, servertest.Options{TLS: true})
	for _, name := range capabilities(s.Dial()) {
		if _, later := probes[name]; later {
			continue
		}
		probe, ok := probesBeforeLogin[name]
		require.True(t, ok, "%s is announced before login without a probe", name)
		probe(s.Dial())
	}
	c := s.Login()
	c.Append("INBOX", "", "Subject: x\r\n\r\nbody\r\n")
	c.OK("SELECT INBOX")
	for _, name := range capabilities(c) {
		probe, ok := probes[name]
		require.True(t, ok, "%s is announced without a probe", name)
		probe(c)
	}
}

func TestCapabilitiesDependOnTheState(t *testing.T) {
	s := servertest.New(t, servertest.Options{TLS: true})
	c := s.Dial()
	before := capabilities(c)
	require.Subset(t, before, []string{"IMAP4rev1", "IMAP4rev2", "LITERAL+", "AUTH=PLAIN", "SASL-IR", "STARTTLS"})
	require.NotContains(t, before, "LOGINDISABLED")
	require.Subset(t, before, []string{"ENABLE", "IDLE"}, "Python's imaplib asks once, before login")
	require.NotContains(t, before, "NAMESPACE")
	reply := c.Do("LOGIN demo demo")
	require.Contains(t, reply.Tagged.Text, "[CAPABILITY IMAP4rev1 ")
	after := capabilities(c)
	require.NotContains(t, after, "STARTTLS")
	require.NotContains(t, after, "AUTH=PLAIN")
	require.Subset(t, after, []string{"ENABLE", "IDLE", "NAMESPACE"})

	plain := servertest.New(t, servertest.Options{})
	require.NotContains(t, capabilities(plain.Dial()), "STARTTLS")
}

// The grammar has more extensions than the server announces, and the server has a method for each command of those that it does.
func TestFeaturesAreThoseOfTheCapabilities(t *testing.T) {
	s := servertest.New(t, servertest.Options{})
	on := map[string]bool{}
	for _, name := range capabilities(s.Login()) {
		on[name] = true
	}
	for _, c := range []struct{ capability, command string }{
		{"ACL", "MYRIGHTS INBOX"}, {"QUOTA", "GETQUOTAROOT INBOX"}, {"METADATA", "GETMETADATA INBOX /shared/comment"},
		{"SORT", "SORT (DATE) UTF-8 ALL"}, {"THREAD=REFERENCES", "THREAD REFERENCES UTF-8 ALL"}, {"COMPRESS=DEFLATE", "COMPRESS DEFLATE"},
		{"NOTIFY", "NOTIFY NONE"}, {"UNAUTHENTICATE", "UNAUTHENTICATE"}, {"MULTISEARCH", "ESEARCH IN (personal) ALL"},
		{"URLAUTH", "RESETKEY"}, {"LANGUAGE", "LANGUAGE"}, {"JMAPACCESS", "GETJMAPACCESS"}, {"UIDBATCHES", "UIDBATCHES 2000"},
		{"REPLACE", "REPLACE 1 INBOX {1+}\r\nx"}, {"CONVERT", `CONVERSIONS "*" "*"`}, {"MAILBOX-REFERRALS", `RLIST "" *`},
	} {
		require.NotZero(t, imap.Feature(c.capability), c.capability)
		reply := s.Login().Do(c.command)
		if on[c.capability] {
			require.NotContains(t, reply.Tagged.Text, "unknown command", c.command)
			continue
		}
		require.Contains(t, reply.Tagged.Text, "BAD unknown command", c.command)
	}
}
