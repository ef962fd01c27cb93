package emit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/dragoman-mail/dragoman/generated/imapurl"
	urlparser "github.com/dragoman-mail/dragoman/generated/imapurl/parser"
	urlpeg "github.com/dragoman-mail/dragoman/generated/imapurl/peg"
)

// urlText makes text that has to be percent-encoded, and some that has not.
func urlText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"a", "*", "日本語/台北", "a b", "%41", "/", "//a//", "a/", ".", "..", "a:b", ":/", "imap://x", ";UID=20", "a/;UID=1", "a?b#c", "é", "~-._!$&'()*+,=@"}),
		rapid.StringN(1, 20, -1),
	).Filter(func(s string) bool { return !strings.Contains(s, "\x00") })
}

func urlHost() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{
			"", "localhost", "mail.example.org", "192.0.2.1", "192.0.2.1.example", "[2001:db8::1]", "[::]", "[::ffff:192.0.2.1]",
			"[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7::]", "[vf.a:b]", "bücher.example", "a;b", "999.1.2.3",
		}),
		rapid.StringMatching(`[a-z0-9.-]{1,20}`),
	)
}

func optional[T any](t *rapid.T, g *rapid.Generator[T]) T {
	return rapid.OneOf(rapid.Just(*new(T)), g).Draw(t, "optional")
}

// imapURL makes URLs that have a form.
func imapURL(t *rapid.T) *imapurl.URL {
	u := &imapurl.URL{Form: enum[imapurl.Form](4).Draw(t, "form")}
	if u.Form == imapurl.Absolute || u.Form == imapurl.Network {
		u.User, u.AuthType, u.Host = optional(t, urlText()), optional(t, urlText()), urlHost().Draw(t, "host")
		u.Port = rapid.Uint16().Draw(t, "port")
	}
	number := rapid.Uint32Range(1, 1<<32-1)
	u.Mailbox = optional(t, urlText())
	if u.Mailbox != "" {
		u.UIDValidity = optional(t, number)
	}
	if u.Mailbox != "" && rapid.Bool().Draw(t, "list") {
		u.Search = optional(t, rapid.OneOf(urlText(), rapid.Just("TEXT {2+}\r\n\xff\xfe")))
		return u
	}
	if u.Mailbox != "" || u.Form == imapurl.Relative {
		u.UID = optional(t, number)
	}
	if u.UID != 0 || u.Form == imapurl.Relative && u.Mailbox == "" {
		u.Section = optional(t, rapid.OneOf(rapid.SampledFrom([]string{"1.2", "HEADER.FIELDS (To From)", "TEXT"}), urlText()))
		u.Partial = orNil(rapid.Custom(func(t *rapid.T) imapurl.Partial {
			return imapurl.Partial{Offset: rapid.Uint32().Draw(t, "offset"), Count: rapid.Uint32().Draw(t, "count")}
		})).Draw(t, "partial")
	}
	if u.UID != 0 && u.Form != imapurl.Relative && rapid.Bool().Draw(t, "authorized") {
		authorize(t, u)
	}
	return u
}

func authorize(t *rapid.T, u *imapurl.URL) {
	u.Access = rapid.SampledFrom([]string{
		imapurl.AccessSubmit, imapurl.AccessUser, imapurl.AccessAnonymous, imapurl.AccessAuthUser, imapurl.AccessStream, "x1",
	}).Draw(t, "access")
	u.AccessUser = optional(t, urlText())
	u.Expire = orNil(rapid.Custom(func(t *rapid.T) time.Time {
		return time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "part")).UTC()
	})).Draw(t, "expire")
	if u.Form != imapurl.Absolute || rapid.Bool().Draw(t, "verified") {
		u.Mechanism = rapid.SampledFrom([]string{"INTERNAL", "X-2.0"}).Draw(t, "mechanism")
		u.Token = rapid.StringMatching(`[0-9a-f]{32,40}`).Draw(t, "token")
	}
}

// Every URL goes round, in a form that does not change any more.
func TestURLsGoRound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { urlGoesRound(t, imapURL(t)) })
}

func urlGoesRound(t require.TestingT, u *imapurl.URL) {
	text, err := imapurl.Append(nil, u)
	require.NoError(t, err, "%+v", u)
	require.NoError(t, urlpeg.Check("url", text), "%q", text)
	back, err := urlparser.URL(text)
	require.NoError(t, err, "%q", text)
	require.Equal(t, u, back, "%q", text)
}

// The examples of RFC 5092 and RFC 4467 go round.
func TestExamplesOfURLsGoRound(t *testing.T) {
	for _, e := range append(exampleTable(t, "imapurl/rfc5092.tsv", ""), exampleTable(t, "imapurl/rfc4467.tsv", "")...) {
		u, err := urlparser.URL([]byte(e.text))
		require.Equal(t, e.valid, err == nil, "%q: %v", e.text, err)
		if err == nil {
			urlGoesRound(t, u)
		}
	}
}

// The canonical form of what may be written in several ways.
func TestCanonicalURLs(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "",
		"/":                                  "/",
		"IMAP://EXAMPLE.org":                 "imap://example.org/",
		"imap://example.org:/":               "imap://example.org/",
		"imap://example.org:0143":            "imap://example.org:143/",
		"//%6Aoe@h/%49NBOX":                  "//joe@h/INBOX",
		"imap://;auth=*@[2001:DB8::1]/a%20b": "imap://;AUTH=*@[2001:db8::1]/a%20b",
		"imap://h//a/":                       "imap://h/%2Fa%2F",
		"imap://h/%e6%97%a5;uidvalidity=7":   "imap://h/%E6%97%A5;UIDVALIDITY=7",
		"a/b%3ac/;uid=7/;section=1.MIME":     "a/b:c/;UID=7/;SECTION=1.MIME",
		"a%3ab/c":                            "a%3Ab/c",
		";partial=0":                         ";PARTIAL=0",
		"/a?text%20%22x%22":                  "/a?text%20%22x%22",
		"imap://h/a/;UID=1;urlauth=AuthUser": "imap://h/a/;UID=1;URLAUTH=authuser",
		"/a/;uid=1;expire=2026-11-27t23:00:00.50+01:00;urlauth=USER+joe:Internal:0123456789ABCDEF0123456789abcdef": "/a/;UID=1;EXPIRE=2026-11-27T22:00:00.5Z;URLAUTH=user+joe:INTERNAL:0123456789abcdef0123456789abcdef",
	} {
		u, err := urlparser.URL([]byte(text))
		require.NoError(t, err, text)
		out, err := imapurl.Append(nil, u)
		require.NoError(t, err, text)
		require.Equal(t, want, string(out))
		again, err := urlparser.URL(out)
		require.NoError(t, err, text)
		require.Equal(t, u.Mailbox, again.Mailbox)
	}
}

func TestFieldsOfURLs(t *testing.T) {
	u, err := urlparser.URL([]byte("imap://j%C3%B6e;AUTH=PLAIN@example.com:993/a%2Fb;UIDVALIDITY=3/;uid=20/;section=1.2/;partial=4.5;urlauth=submit+fred:internal:91354a473744909de610943775f92038"))
	require.NoError(t, err)
	require.Equal(t, &imapurl.URL{
		Form: imapurl.Absolute, User: "jöe", AuthType: "PLAIN", Host: "example.com", Port: 993, Mailbox: "a/b", UIDValidity: 3, UID: 20,
		Section: "1.2", Partial: &imapurl.Partial{Offset: 4, Count: 5}, Access: imapurl.AccessSubmit, AccessUser: "fred", Mechanism: "INTERNAL",
		Token: "91354a473744909de610943775f92038",
	}, u)
}

// What the grammar says in words only, and what has no form.
func TestURLsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"imap://h:65536/":   "value of port is not valid",
		"imap://h:0/":       "value of port is not valid",
		"imap://h/%FF":      "value of percent-encoding is not valid",
		"imap://h/%00":      "value of percent-encoding is not valid",
		"a/;UID=4294967296": "value of number is not valid",
		"/a/;uid=1;expire=2026-02-30T00:00:00Z;urlauth=user:INTERNAL:" + strings.Repeat("0", 32): "value of date-time is not valid",
	} {
		_, err := urlparser.URL([]byte(text))
		require.EqualError(t, err, want, text)
	}
	for _, text := range []string{
		"imap://h:x/", "imap://h/a/;UID=0", "imap://h/a?b/;UID=1", "imap://[::1", "http://h/", "imap:a", "a b", "%4", "%zz", "/a/;UID=1;URLAUTH=user",
		"imap://h/a/;UID=1;URLAUTH=user:INTERNAL:00", ";UIDVALIDITY=3", "imap://h/\xff", "///a:b/../c?", strings.Repeat("(", 1<<16) + "[",
	} {
		_, err := urlparser.URL([]byte(text))
		require.Error(t, err, text)
	}
	for name, u := range map[string]*imapurl.URL{
		"server":   {Form: imapurl.Path, Host: "h", Mailbox: "a"},
		"section":  {Form: imapurl.Path, Mailbox: "a", Section: "1"},
		"search":   {Form: imapurl.Path, Mailbox: "a", Search: "ALL", UID: 1},
		"mailbox":  {Form: imapurl.Absolute, Host: "h", UID: 1},
		"validity": {UIDValidity: 1},
		"UTF-8":    {Form: imapurl.Path, Mailbox: "\xff"},
		"address":  {Form: imapurl.Absolute, Host: "[::1%eth0]"},
		"future":   {Form: imapurl.Absolute, Host: "[v1./]"},
		"token":    {Form: imapurl.Path, Mailbox: "a", UID: 1, Access: "user", Mechanism: "INTERNAL", Token: "00"},
		"verifier": {Form: imapurl.Path, Mailbox: "a", UID: 1, Access: "user"},
		"access":   {Form: imapurl.Absolute, Mailbox: "a", UID: 1, Token: strings.Repeat("0", 32)},
		"word":     {Form: imapurl.Absolute, Mailbox: "a", UID: 1, Access: "user+"},
	} {
		out, err := imapurl.Append([]byte("x"), u)
		require.Error(t, err, name)
		require.Equal(t, "x", string(out), name)
	}
}

// FuzzURL parses any URL; what parses has to go round.
func FuzzURL(f *testing.F) {
	for _, seed := range []string{
		"imap://j%C3%B6e;AUTH=PLAIN@[::1]:993/a%2Fb;UIDVALIDITY=3/;uid=20/;section=1.2/;partial=4.5;urlauth=submit+fred:internal:91354a473744909de610943775f92038",
		"/a?text%20x", "//h", "a/b/", ";partial=0", "/a/;uid=1;expire=2026-11-27t23:00:00.5+01:00;urlauth=x",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		u, err := urlparser.URL(data)
		if err != nil {
			return
		}
		if u.Expire != nil {
			utc := u.Expire.UTC() // the zone is not kept
			u.Expire = &utc
		}
		if u.Expire == nil || u.Expire.Year() >= 0 && u.Expire.Year() <= 9999 {
			urlGoesRound(t, u)
		}
	})
}
