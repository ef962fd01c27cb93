package jmap

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNewRefusesBadURLs(t *testing.T) {
	for url, want := range map[string]string{
		"":                         "empty",
		"ftp://mail.example.org":   `scheme "ftp"`,
		"https://":                 "no host",
		"https://u:p@example.org/": "credentials",
		"https://a b/":             "JMAP URL",
		"https://example.org/#x":   "fragment",
		"https://[::1/":            "JMAP URL",
	} {
		_, err := New(Config{URL: url})
		require.ErrorContains(t, err, want, url)
		require.NotContains(t, err.Error(), "u:p")
	}
	client, err := New(Config{URL: "mail.example.org:8443"})
	require.NoError(t, err)
	require.Equal(t, "https://mail.example.org:8443", client.addresses[0].url.String())
}

func TestCredentialsPrintAsStars(t *testing.T) {
	secret := Credentials{User: "ann", Password: "hunter2", Bearer: "token"}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("login", "with", secret)
	text := fmt.Sprintf("%v %+v %#v %s %q %x %v", secret, secret, secret, secret, secret, secret, &secret) + log.String()
	for _, word := range []string{"ann", "hunter2", "token"} {
		require.NotContains(t, text, word)
	}
	require.Contains(t, log.String(), "with=***")
}
