package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// configured parses a command line with a configuration file of that text.
func configured(t *testing.T, text string, args ...string) (*flag.FlagSet, string, error) {
	flags, path, _, err := configuredTables(t, text, args...)
	return flags, path, err
}

// configuredTables is configured with the backends that the file has.
func configuredTables(t *testing.T, text string, args ...string) (*flag.FlagSet, string, []*backendTable, error) {
	path := filepath.Join(t.TempDir(), "dragoman.toml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	serveCommand.setup(flags)
	require.NoError(t, flags.Parse(append(args, "--config", path)))
	tables, err := readConfig(path, flags)
	return flags, path, tables, err
}

func TestConfigFile(t *testing.T) {
	flags, _, err := configured(t, `
# where
data = "/srv/mail"
imap = ""
allow-cleartext = true
user = [
  "ann:a", # she
  "bob:b",
]
`, "--imap", "127.0.0.1:99", "--user", "eve:e")
	require.NoError(t, err)
	for name, want := range map[string]string{
		"data": "/srv/mail", "imap": "127.0.0.1:99", "imaps": "127.0.0.1:1993", "allow-cleartext": "true", "user": "eve:e",
	} {
		require.Equal(t, want, flags.Lookup(name).Value.String(), name)
	}
	flags, _, err = configured(t, "jmap-url = \"a.example\"\njmap-urls = [\"b.example\"]\n")
	require.NoError(t, err)
	require.Equal(t, "a.example,b.example", flags.Lookup("jmap-url").Value.String())
	flags, _, err = configured(t, "user = [\"ann:a\", \"bob:b\"]\n")
	require.NoError(t, err)
	require.Equal(t, "ann:a,bob:b", flags.Lookup("user").Value.String())
}

func TestConfigFileErrors(t *testing.T) {
	for text, want := range map[string]string{
		"data = \"x\"\n\nuser = [\n\"a:b\",\n]\nimapz = \"y\"\n": ":6: imapz: no such option",
		"[server]\nimap = \"x\"\n":                               ":1: server: no such option",
		"\n\n\ndata = 5\n":                                       ":4: data: must be a string",
		"data = [\"a\"]\n":                                       ":1: data: must be a string",
		"user = \"a:b\"\n":                                       "",
		"user = [5]\n":                                           ":1: user: must be an array of strings",
		"user = true\n":                                          ":1: user: must be an array of strings",
		"allow-cleartext = \"yes\"\n":                            ":1: allow-cleartext: must be true or false",
		"config = \"other\"\n":                                   ":1: config: not allowed",
		"data = \"x\"\nimap = \n":                                ":2: ",
		"data = \"x\"\ndata = \"y\"\n":                           ":2: ",
	} {
		_, path, err := configured(t, text)
		if want == "" {
			require.NoError(t, err, text)
			continue
		}
		require.ErrorContains(t, err, path+want, text)
	}
}
