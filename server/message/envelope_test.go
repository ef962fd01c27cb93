package message

import (
	"strings"
	"testing"

	"github.com/dragoman-mail/dragoman/generated/imap"
	"github.com/dragoman-mail/dragoman/jmap/mime"
	"github.com/stretchr/testify/require"
)

func addr(name, mailbox, host string) imap.Address {
	a := imap.Address{Mailbox: imap.String(mailbox), Host: imap.String(host)}
	if name != "" {
		a.Name = imap.String(name)
	}
	return a
}

func groupStart(name string) imap.Address { return imap.Address{Mailbox: imap.String(name)} }

func TestEnvelopeOfGroups(t *testing.T) {
	e := Envelope(corpus(t)["groups"].Header(), false)
	organist := addr("", "organist", "chapel.example")
	organist.ADL = imap.String("@relay.chapel.example,@old.example")
	require.Equal(t, &imap.Envelope{
		Date:    imap.String("Fri, 6 Nov 26 19:00 CET"),
		Subject: imap.String("Rehearsal moves to Thursday"),
		From:    []imap.Address{addr("Choir", "choir", "chapel.example")},
		Sender:  []imap.Address{addr("", "secretary", "chapel.example")},
		ReplyTo: []imap.Address{addr("Choir, all of it", "choir-all", "chapel.example")},
		To: []imap.Address{groupStart("Sopranos"), addr("Ida", "ida", "chapel.example"),
			addr("=?utf-8?Q?Z=C3=B6e?=", "zoe", "chapel.example"), {},
			groupStart("Basses"), addr("Bo", "bo", "chapel.example"), addr(`Lars "the Whale" Holm`, "lars", "chapel.example"), {}},
		Cc:        []imap.Address{groupStart("undisclosed-recipients"), {}},
		Bcc:       []imap.Address{organist},
		MessageID: imap.String("<choir.44@chapel.example>"),
	}, e)
}

func TestEnvelopeNILs(t *testing.T) {
	e := Envelope(corpus(t)["no-header"].Header(), false)
	require.Equal(t, &imap.Envelope{}, e)
	e = Envelope(corpus(t)["empty-subject"].Header(), false)
	require.Equal(t, imap.String(""), e.Subject)
	require.Equal(t, imap.NString{}, e.InReplyTo)
	require.Equal(t, e.From, e.Sender)
	require.Equal(t, e.From, e.ReplyTo)
	require.Nil(t, e.Cc)
	e = Envelope(mime.Header("From: a@b\nSender: \nReply-To: ,\nTo:\n\n"), false)
	require.Equal(t, []imap.Address{addr("", "a", "b")}, e.Sender)
	require.Equal(t, []imap.Address{addr("", "a", "b")}, e.ReplyTo)
	require.Nil(t, e.To)
}

func TestEnvelopeOfBrokenMail(t *testing.T) {
	e := Envelope(corpus(t)["broken"].Header(), false)
	require.Equal(t, []imap.Address{addr("unclosed quote", "storm", "sea.example")}, e.From)
	require.Equal(t, []imap.Address{addr("", "demo", "dragoman.example"), addr("", "broken", ""), addr("", "plain words", "")}, e.To)
	require.Equal(t, imap.String("the day after the storm"), e.Date)
}

func TestEnvelopeFor7BitAndUTF8Clients(t *testing.T) {
	h := corpus(t)["eightbit-headers"].Header()
	seven := Envelope(h, false)
	require.Equal(t, "=?utf-8?q?J=C3=B8rgen_=C3=98stby?=", seven.From[0].Name.Value)
	require.Equal(t, "Blåbær og fløte", mime.Text([]byte(seven.Subject.Value)))
	require.NotContains(t, seven.Subject.Value, "å")
	full := Envelope(h, true)
	require.Equal(t, "Jørgen Østby", full.From[0].Name.Value)
	require.Equal(t, "Blåbær og fløte", full.Subject.Value)
	latin1 := Envelope(mime.Header("Subject: caf\xe9\n\n"), true)
	require.Equal(t, "=?unknown-8bit?q?caf=E9?=", latin1.Subject.Value)
}

func TestEnvelopeUnfolds(t *testing.T) {
	e := Envelope(mime.Header("Subject: a\r\n b\r\n\tc\x00d \r\nSubject: second\r\nTo: a@b\r\nTo: c@d\r\n\r\n"), false)
	require.Equal(t, "a b\tc?d", e.Subject.Value)
	require.Len(t, e.To, 2)
}

// White space in quotes is part of a name (RFC 5322 section 3.2.4).
func TestEnvelopeKeepsQuotedBlanks(t *testing.T) {
	e := Envelope(mime.Header("To: \" a\t b\r\n  c \" <a@b>, \" \" <c@d> (see), x \t y <e@f>\r\n\r\n"), false)
	require.Equal(t, imap.String(" a\t b  c "), e.To[0].Name)
	require.Equal(t, imap.String("see"), e.To[1].Name)
	require.Equal(t, imap.String("x y"), e.To[2].Name)
}

// checkStrings fails if a string of an envelope or structure does not fit IMAP.
func checkStrings(t *testing.T, utf8 bool, list ...string) {
	t.Helper()
	for _, s := range list {
		require.NotContains(t, s, "\x00")
		require.NotContains(t, s, "\r")
		require.NotContains(t, s, "\n")
		if !utf8 {
			require.Equal(t, -1, strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }), s)
		}
	}
}

func checkEnvelope(t *testing.T, e *imap.Envelope, utf8 bool) {
	t.Helper()
	checkStrings(t, utf8, e.Date.Value, e.Subject.Value, e.InReplyTo.Value, e.MessageID.Value)
	for _, list := range [][]imap.Address{e.From, e.Sender, e.ReplyTo, e.To, e.Cc, e.Bcc} {
		require.False(t, list != nil && len(list) == 0, "() instead of NIL")
		for _, a := range list {
			checkStrings(t, utf8, a.Name.Value, a.ADL.Value, a.Mailbox.Value, a.Host.Value)
		}
	}
}
