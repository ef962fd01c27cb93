package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/jmap/embedded"
	"github.com/dragoman-mail/dragoman/server/selfsigned"
)

func TestBackendTables(t *testing.T) {
	flags, path, tables, err := configuredTables(t, `
imap = ""

[[backend]]
domains = ["Example.org", "example.net."]
jmap-urls = [
  "https://a.example.org",
  "https://b.example.org",
]
trusted-hosts = ["cdn.example.net"]
same-origin = true
ca = "/ca.pem"

[[backend]]
name = "other"
default = true
jmap-url = "https://jmap.example.com"
`)
	require.NoError(t, err)
	require.Empty(t, flags.Lookup("imap").Value.String())
	require.Len(t, tables, 2)
	first := tables[0]
	require.Equal(t, []string{"example.org", "example.net"}, first.domains)
	require.Equal(t, []string{"https://a.example.org", "https://b.example.org"}, first.urls.values)
	require.Equal(t, []string{"cdn.example.net"}, first.trusted.values)
	require.True(t, first.sameOrigin)
	require.Equal(t, []string{"https://a.example.org", "https://b.example.org"}, first.labels())
	require.True(t, tables[1].fallback)
	require.Equal(t, []string{"other"}, tables[1].labels())
	_, err = first.config("test")
	require.ErrorContains(t, err, path+":12: ca: open /ca.pem: ")
}

func TestBackendTableErrors(t *testing.T) {
	const good = "[[backend]]\njmap-url = \"x.example\"\ndomains = [\"x.example\"]\n"
	for text, want := range map[string]string{
		good + "urls = [\"x\"]\n":                                                   ":4: urls: no such key",
		good + "jmap-ca = \"x\"\n":                                                  ":4: jmap-ca: no such key",
		good + "\nca = 5\n":                                                         ":5: ca: must be a string",
		good + "default = \"yes\"\n":                                                ":4: default: must be true or false",
		good + "trusted-hosts = [\n5\n]\n":                                          ":4: trusted-hosts: must be an array of strings",
		"data = \"x\"\n[[backend]]\njmap-url = \"x.example\"\n":                     ":2: backend: it has neither domains nor default",
		"[[backend]]\ndomains = [\"x.example\"]\n":                                  ":1: backend: jmap-url is missing",
		"[[backend]]\njmap-url = \"x\"\ndomains = [\"@x\"]\n":                       `:3: domains: "@x" is no domain`,
		"[backend]\njmap-url = \"x.example\"\n":                                     ":1: backend: must be tables",
		"backend = \"x\"\n":                                                         ":1: backend: must be tables",
		good + "[[backend]]\njmap-url = \"y.example\"\ndomains = [\"X.example\"]\n": ":6: domains: x.example is there twice",
		good + "[[backend]]\njmap-url = \"x.example\"\ndomains = [\"y.example\"]\n": ":4: backend: another one is named x.example",
		"[[backend]]\njmap-url = \"x\"\ndefault = true\n\n[[backend]]\njmap-url = \"y\"\ndefault = true\n":        ":7: default: another backend",
		"[[backend]]\njmap-url = \"x\"\ndefault = true\n\n[[backend]]\njmap-url = \"y\"\ndefault = true\nx = 1\n": ":8: x: no such key",
	} {
		_, path, _, err := configuredTables(t, text)
		require.ErrorContains(t, err, path+want, text)
	}
}

func TestBackendsAgainstOptions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dragoman.toml")
	require.NoError(t, os.WriteFile(path, []byte("[[backend]]\njmap-url = \"x.example\"\ndefault = true\n"), 0o600))
	for options, want := range map[string]string{
		"--jmap-url y.example":       "default = true",
		"--user a:b":                 "the mail is on another server",
		"--jmap-listen 127.0.0.1:0":  "the mail is on another server",
		"--jmap-ca /ca.pem":          "--jmap-ca is about another server",
		"--trusted-host cdn.example": "--trusted-host is about another server",
	} {
		status, _, errs := try(append([]string{"serve", "--config", path}, strings.Fields(options)...)...)
		require.Equal(t, exitUsage, status, options)
		require.Contains(t, errs, want, options)
	}
}

func TestRoute(t *testing.T) {
	one, two, rest := &backend{name: "one", domains: []string{"one.example"}}, &backend{name: "two", domains: []string{"two.example"}}, &backend{name: "rest"}
	all := &backends{byDomain: map[string]*backend{}}
	all.add(one, false)
	all.add(two, false)
	for _, user := range []string{"ann", "ann@", "ann@three.example", "one.example", "ann@sub.one.example", "ann@one.example@three.example", ""} {
		_, ok := all.route(user)
		require.False(t, ok, user)
	}
	all.add(rest, true)
	for user, want := range map[string]string{
		"ann@one.example": "one", "ANN@ONE.Example": "one", "ann@one.example.": "one", "@one.example": "one", "a@two.example@one.example": "one",
		"ann@two.example": "two", "ann": "rest", "ann@": "rest", "ann@three.example": "rest", "one.example": "rest",
	} {
		found, ok := all.route(user)
		require.True(t, ok, user)
		require.Equal(t, want, found.Name, user)
	}
}

// countedStore is an embedded store behind a server that counts requests.
func countedStore(t *testing.T, users ...string) (url string, asked func() int) {
	store, err := embedded.Open(embedded.Options{Dir: t.TempDir(), HashIterations: 1})
	require.NoError(t, err)
	t.Cleanup(func() { store.Close() })
	for _, user := range users {
		require.NoError(t, store.AddAccount(user, "secret"))
	}
	requests := make(chan struct{}, 10_000)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests <- struct{}{}
		store.ServeHTTP(w, r)
	}))
	t.Cleanup(web.Close)
	return web.URL, func() int { return len(requests) }
}

// imapTalk says lines to a server and returns all it says.
func imapTalk(t *testing.T, address string, lines ...string) string {
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(time.Minute)))
	fmt.Fprint(conn, strings.Join(append(lines, "z LOGOUT", ""), "\r\n"))
	var all strings.Builder
	scanner := bufio.NewScanner(conn)
	for scanner.Scan() {
		all.WriteString(scanner.Text() + "\n")
	}
	return all.String()
}

// The same name at two servers is two people, and a name that no server has is told to none.
func TestServeDomains(t *testing.T) {
	first, askedFirst := countedStore(t, "ann@one.example", "ann")
	second, askedSecond := countedStore(t, "ann@two.example")
	_, _, tables, err := configuredTables(t, fmt.Sprintf(`
[[backend]]
domains = ["one.example"]
jmap-url = "%s"
[[backend]]
domains = ["two.example"]
jmap-urls = ["http://127.0.0.1:1", "%s"]
`, first, second))
	require.NoError(t, err)
	data := t.TempDir()
	change := func(o *serveOptions) { o.tables, o.jmapListen, o.imaps = tables, "", "" }
	s := start(t, data, change)
	require.NotContains(t, s.at, "JMAP")
	text := imapTalk(t, s.at["IMAP"], "a LOGIN ann@one.example secret", "b CREATE One", "c SELECT One")
	require.Contains(t, text, "\nb OK")
	one := validityOf(t, text)
	before := askedFirst()
	text = imapTalk(t, s.at["IMAP"], "a LOGIN ann@two.example secret", "b CREATE Two", `c LIST "" *`)
	require.Contains(t, text, "\nb OK", text)
	require.NotContains(t, text, "One")
	require.Equal(t, before, askedFirst())

	before, other := askedFirst(), askedSecond()
	for _, user := range []string{"ann", "ann@three.example"} {
		text = imapTalk(t, s.at["IMAP"], "a LOGIN "+user+" secret")
		require.Contains(t, text, "\na NO [AUTHENTICATIONFAILED]", user)
	}
	require.Equal(t, [2]int{before, other}, [2]int{askedFirst(), askedSecond()})
	s.end()

	// UIDs stay when the server of a table becomes that of --jmap-url.
	s = start(t, data, func(o *serveOptions) { o.urls.values, o.jmapListen, o.imaps = []string{first}, "", "" })
	text = imapTalk(t, s.at["IMAP"], "a LOGIN ann@one.example secret", "c SELECT One")
	require.Equal(t, one, validityOf(t, text))
}

// A client stays connected when an endpoint goes away, and notices nothing.
func TestServeFailsOver(t *testing.T) {
	store, err := embedded.Open(embedded.Options{Dir: t.TempDir(), HashIterations: 1})
	require.NoError(t, err)
	t.Cleanup(func() { store.Close() })
	require.NoError(t, store.AddAccount("ann", "secret"))
	first, second := httptest.NewServer(store), httptest.NewServer(store)
	t.Cleanup(second.Close)
	s := start(t, t.TempDir(), func(o *serveOptions) {
		o.urls.values, o.jmapListen, o.imaps = []string{first.URL, second.URL}, "", ""
	})
	conn, err := net.Dial("tcp", s.at["IMAP"])
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(time.Minute)))
	lines := bufio.NewScanner(conn)
	say := func(tag, command string) string {
		fmt.Fprintf(conn, "%s %s\r\n", tag, command)
		var text strings.Builder
		for lines.Scan() {
			text.WriteString(lines.Text() + "\n")
			if strings.HasPrefix(lines.Text(), tag+" ") {
				require.Contains(t, lines.Text(), tag+" OK", command)
				return text.String()
			}
		}
		require.Fail(t, "the connection ended", command)
		return ""
	}
	const message = "APPEND INBOX {21+}\r\nSubject: x\r\n\r\nbody\r\n\r\n"
	say("a", "LOGIN ann secret")
	say("b", message)
	before := validityOf(t, say("c", "SELECT INBOX"))
	first.CloseClientConnections()
	first.Close()
	say("d", message) // an upload and a write
	require.Contains(t, say("e", "UID FETCH 1:* (UID BODY.PEEK[TEXT])"), "* 2 FETCH (UID 2 ")
	say("f", "STORE 1 FLAGS (\\Seen)")
	require.Equal(t, before, validityOf(t, say("g", "SELECT INBOX")))
	require.Contains(t, say("h", "STATUS INBOX (MESSAGES)"), "MESSAGES 2")
}

func validityOf(t *testing.T, text string) string {
	_, rest, ok := strings.Cut(text, "[UIDVALIDITY ")
	require.True(t, ok, text)
	validity, _, _ := strings.Cut(rest, "]")
	return validity
}

// A server with a certificate of a private authority that wants to see one of its clients.
func TestPrivateAuthority(t *testing.T) {
	store, err := embedded.Open(embedded.Options{Dir: t.TempDir(), HashIterations: 1})
	require.NoError(t, err)
	t.Cleanup(func() { store.Close() })
	require.NoError(t, store.AddAccount("ann", "secret"))
	dir := t.TempDir()
	clients, err := selfsigned.Load(dir, time.Now())
	require.NoError(t, err)
	web := httptest.NewUnstartedServer(store)
	web.Config.ErrorLog = log.New(io.Discard, "", 0)
	web.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	web.StartTLS()
	t.Cleanup(web.Close)
	write := func(name, kind string, octets []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: octets}), 0o600))
		return path
	}
	ca := write("ca.pem", "CERTIFICATE", web.Certificate().Raw)
	certificate := write("client.pem", "CERTIFICATE", clients.Certificate[0])
	private, err := x509.MarshalPKCS8PrivateKey(clients.PrivateKey)
	require.NoError(t, err)
	key := write("client.key", "PRIVATE KEY", private)

	login := func(r remote) error {
		r.urls.values = []string{web.URL}
		config, err := r.config("test")
		if err != nil {
			return err
		}
		config.Retry.Tries = 1
		client, err := jmap.New(config)
		require.NoError(t, err)
		defer client.CloseIdleConnections()
		_, err = client.Login(t.Context(), jmap.Credentials{User: "ann", Password: "secret"})
		return err
	}
	require.NoError(t, login(remote{ca: ca, certificate: certificate, key: key}))
	require.ErrorContains(t, login(remote{certificate: certificate, key: key}), "unknown authority")
	require.ErrorIs(t, login(remote{ca: ca}), jmap.ErrUnavailable)

	nothing := write("nothing.pem", "NOTHING", nil)
	gone := filepath.Join(dir, "gone.pem")
	for want, r := range map[string]remote{
		"--jmap-ca: " + nothing + ": no certificate in it": {ca: nothing},
		"--jmap-ca: open " + gone:                          {ca: gone},
		"--jmap-cert: open " + gone:                        {certificate: gone, key: key},
		"--jmap-key: open " + gone:                         {certificate: certificate, key: gone},
		"--jmap-cert: " + nothing + " with key " + key:     {certificate: nothing, key: key},
		"--jmap-cert: it needs a key":                      {certificate: certificate},
		"--jmap-key: it needs a certificate":               {key: key},
	} {
		require.ErrorContains(t, login(r), want)
	}
	status, _, errs := try("serve", "--data", t.TempDir(), "--imap", "127.0.0.1:0", "--imaps=", "--jmap-url", web.URL, "--jmap-ca", gone)
	require.Equal(t, exitFailed, status)
	require.Contains(t, errs, "--jmap-ca: open "+gone)
	status, out, errs := try("probe", "--jmap-url", web.URL, "--user", "ann:secret", "--jmap-ca", ca, "--jmap-cert", certificate, "--jmap-key", key, "--push-wait", "1s")
	require.Equal(t, exitOK, status, out+errs)
}

// A server keeps its name in the store when its URLs are put in another order: with a new one all UIDs would change.
func TestNamesInTheStoreStay(t *testing.T) {
	const one, two, three = "https://one.example.org", "https://two.example.org", "https://three.example.org"
	for _, c := range []struct {
		what      string
		names     [][]string
		known     []string
		want      []string
		strangers []string
	}{
		{what: "new", names: [][]string{{one, two}}, want: []string{one}},
		{what: "known", names: [][]string{{one, two}}, known: []string{one}, want: []string{one}},
		{what: "in another order", names: [][]string{{two, one}}, known: []string{one}, want: []string{one}},
		{what: "with a new one before it", names: [][]string{{three, one}}, known: []string{one, two}, want: []string{one}},
		{what: "by another URL", names: [][]string{{two}}, known: []string{one}, want: []string{two}, strangers: []string{one}},
		{what: "by its old name", names: [][]string{{one}}, known: []string{one, three}, want: []string{one}},
		{what: "two, one of them new", names: [][]string{{one}, {two}}, known: []string{one}, want: []string{one, two}},
		{what: "two, in a store of a third", names: [][]string{{one}, {two}}, known: []string{one, three}, want: []string{one, two}, strangers: []string{three}},
	} {
		t.Run(c.what, func(t *testing.T) {
			b := &backends{}
			for _, names := range c.names {
				b.add(&backend{names: names}, false)
			}
			require.ElementsMatch(t, c.strangers, b.settleNames(c.known))
			require.Equal(t, c.want, b.names())
		})
	}
}
