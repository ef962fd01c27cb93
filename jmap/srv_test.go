package jmap

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func target(host string, port, priority uint16) *net.SRV {
	return &net.SRV{Target: host + ".", Port: port, Priority: priority}
}

func TestDiscovery(t *testing.T) {
	const name = "_jmap._tcp.example.test"
	for _, test := range []struct {
		what    string
		records any
		down    []string
		trusted []string
		tried   string
		want    error
		text    string
	}{
		{what: "no records", tried: "example.test"},
		{what: "no answer", records: errors.New("server failure"), tried: "example.test"},
		{what: "one", records: []*net.SRV{target("api.example.test", 443, 0)}, tried: "api.example.test"},
		{what: "another port", records: []*net.SRV{target("api.example.test", 8443, 0)}, tried: "api.example.test:8443"},
		{what: "the domain itself", records: []*net.SRV{target("EXAMPLE.test", 443, 0)}, tried: "EXAMPLE.test"},
		{what: "by priority", records: []*net.SRV{target("two.example.test", 443, 2), target("one.example.test", 443, 1)}, tried: "one.example.test"},
		{what: "the next", records: []*net.SRV{target("two.example.test", 443, 2), target("one.example.test", 443, 1)},
			down: []string{"one.example.test"}, tried: "one.example.test two.example.test"},
		{what: "no service", records: []*net.SRV{{Target: "."}}, want: errNoService, text: "example.test"},
		{what: "a stranger", records: []*net.SRV{target("api.evil.test", 443, 0)}, tried: "example.test"},
		{what: "a stranger with our name at the end", records: []*net.SRV{target("evilexample.test", 443, 0)}, tried: "example.test"},
		{what: "a stranger and nobody else", records: []*net.SRV{target("api.evil.test", 443, 0)}, down: []string{"example.test"},
			tried: "example.test example.test", want: ErrUntrustedHost, text: "api.evil.test"},
		{what: "one that is trusted", records: []*net.SRV{target("api.other.test", 443, 0)}, trusted: []string{"api.other.test"}, tried: "api.other.test"},
		{what: "trusted at another port", records: []*net.SRV{target("api.other.test", 444, 0)}, trusted: []string{"api.other.test:443"}, tried: "example.test"},
		{what: "strangers are left out", records: []*net.SRV{target("a.evil.test", 443, 1), target("b.example.test", 443, 2)}, tried: "b.example.test"},
	} {
		t.Run(test.what, func(t *testing.T) {
			w := newWorld("example.test", "api.example.test", "api.example.test:8443", "EXAMPLE.test", "one.example.test", "two.example.test",
				"b.example.test", "api.evil.test", "evilexample.test", "api.other.test", "api.other.test:444")
			for _, host := range test.down {
				w.fails(host, closedPort, nil)
			}
			client := w.client(t, func(c *Config) {
				c.URL, c.URLs, c.TrustedHosts = "example.test", nil, test.trusted
				c.Resolver, c.Retry.Tries = resolver{name: test.records}, 2
			})
			_, err := client.Login(t.Context(), ann)
			tried := ""
			for _, line := range w.seen {
				var host, path string
				fmt.Sscan(line, &host, &path)
				if path == wellKnown {
					tried += " " + host
				}
			}
			if test.tried != "" {
				test.tried = " " + test.tried
			}
			require.Equal(t, test.tried, tried)
			if test.want == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, test.want)
			require.ErrorIs(t, err, ErrUnavailable)
			require.ErrorContains(t, err, test.text)
		})
	}
}

// Only a bare domain has SRV records.
func TestWhatIsLookedUp(t *testing.T) {
	for text, want := range map[string]string{
		"example.test": "example.test", "example.test.": "example.test",
		"example.test:443": "", "https://example.test": "", "https://example.test/": "", "example.test/jmap": "",
		"localhost": "", "127.0.0.1": "", "[::1]": "",
	} {
		client, err := New(Config{URL: text})
		require.NoError(t, err)
		require.Equal(t, want, client.addresses[0].domain, text)
	}
}

// SRV records are looked up again after a while: servers move.
func TestRecordsAreNotKeptForever(t *testing.T) {
	w := newWorld("one.example.test", "two.example.test")
	records := resolver{"_jmap._tcp.example.test": []*net.SRV{target("one.example.test", 443, 0)}}
	client := w.client(t, func(c *Config) { c.URLs, c.Resolver = []string{"example.test"}, records })
	login := func() string {
		_, err := client.Login(t.Context(), ann)
		require.NoError(t, err)
		return w.take()
	}
	require.Equal(t, "ones ones", login())
	records["_jmap._tcp.example.test"] = []*net.SRV{target("two.example.test", 443, 0)}
	require.Equal(t, "ones ones", login())
	require.NoError(t, w.Sleep(t.Context(), srvMemory))
	require.Equal(t, "twos twos", login())
}

// A redirect may go around in circles, and may be relative.
func TestRedirects(t *testing.T) {
	w := newWorld("example.test")
	hops := 0
	w.fails("example.test", func(r *http.Request) (*http.Response, error) {
		if hops--; hops < 0 {
			return nil, nil
		}
		return &http.Response{StatusCode: 307, Header: http.Header{"Location": {"../jmap"}}, Body: http.NoBody, Request: r}, nil
	}, nil)
	client := w.client(t, func(c *Config) { c.URLs = []string{"example.test"} })
	hops = maxRedirects
	_, err := client.Login(t.Context(), ann)
	require.NoError(t, err)
	hops = maxRedirects + 1
	start := time.Now()
	_, err = client.Login(t.Context(), ann)
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorContains(t, err, "redirects")
	require.Less(t, time.Since(start), time.Minute)
}
