package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// try runs a command line.
func try(args ...string) (status int, stdout, stderr string) {
	var out, err strings.Builder
	status = run(args, strings.NewReader(""), &out, &err)
	return status, out.String(), err.String()
}

func TestUsageErrors(t *testing.T) {
	for line, want := range map[string]string{
		"":                                    "usage: dragoman COMMAND",
		"server":                              `unknown command "server"`,
		"help server":                         `unknown command "server"`,
		"help serve now":                      "unexpected argument now",
		"version now":                         "unexpected argument now",
		"serve --trusted-host x":              "there is no --jmap-url",
		"serve --same-origin":                 "there is no --jmap-url",
		"serve --port 1":                      "not defined: --port",
		"serve --imap":                        "needs an argument: --imap",
		"serve now":                           "unexpected argument now",
		"serve --imap= --imaps=":              "neither --imap nor --imaps",
		"serve --data=":                       "--data is empty",
		"serve --user ann":                    "NAME:PASSWORD",
		"serve --user ann:":                   "NAME:PASSWORD",
		"serve --jmap-url x --user a:b":       "--user makes embedded accounts",
		"serve --jmap-url x --jmap-listen :0": "--jmap-listen serves the embedded store",
		"serve --tls-cert x":                  "go together",
		"import":                              "--jmap-url is missing",
		"import --jmap-url x":                 "--user is missing",
		"import --jmap-url x --user ann":      "DRAGOMAN_PASSWORD is not set",
		"import --jmap-url x --user ann:p":    "say what to import",
		"import --jmap-url ftp://x --user ann:p y":              `scheme "ftp"`,
		"import --jmap-url x --user ann:p --mbox-format mmdf y": "neither mboxrd nor mboxo",
		"import --jmap-url x --user ann:p --patience soon y":    "invalid value",
		"import --jmap-url x --user ann:p --patience=-5s y":     "--patience is not more than 0s",
		"probe":                                          "--jmap-url is missing",
		"probe --jmap-url x":                             "--user is missing",
		"probe --jmap-url x --user ann":                  "DRAGOMAN_PASSWORD is not set",
		"probe --jmap-url x --user ann:p y":              "unexpected argument y",
		"probe --jmap-url ftp://x --user ann:p":          `scheme "ftp"`,
		"probe --jmap-url x --user ann:p --timeout=0s":   "--timeout is not more than 0s",
		"probe --jmap-url x --user ann:p --push-wait=0s": "--push-wait is not more than 0s",
		"imaptest":                                         "--server is missing",
		"imaptest --server x":                              "--user is missing",
		"imaptest --server x --user ann":                   "DRAGOMAN_PASSWORD is not set",
		"imaptest --server x --user ann:p --user3 b:q":     "--user3 is given, but not the user before",
		"imaptest --server x --user ann:p --user2 bob":     "--user2 should be NAME:PASSWORD",
		"imaptest --server x --user ann:p --timeout=0s":    "--timeout is not more than 0s",
		"imaptest --server x --user ann:p --ca x":          "--ca is for --tls",
		"imaptest --server x --user ann:p --mailbox INBOX": `"INBOX" cannot be the test mailbox`,
	} {
		status, out, err := try(strings.Fields(line)...)
		require.Equal(t, exitUsage, status, line)
		require.Empty(t, out, line)
		require.Contains(t, err, want, line)
		require.Contains(t, err, "usage: dragoman", line)
		require.NotContains(t, err, "ann:p", "the password is not repeated")
	}
}

func TestHelp(t *testing.T) {
	for _, line := range []string{"help", "-h", "--help"} {
		status, out, _ := try(line)
		require.Equal(t, exitOK, status)
		for _, c := range commands {
			require.Contains(t, out, c.name)
		}
	}
	for _, c := range commands {
		for _, args := range [][]string{{"help", c.name}, {c.name, "-h"}, {c.name, "--help"}} {
			status, out, err := try(args...)
			require.Equal(t, exitOK, status)
			require.Contains(t, out, "usage: dragoman "+c.name)
			require.Empty(t, err)
		}
	}
	_, out, _ := try("help", "serve")
	require.Regexp(t, `--imap ADDR +serve IMAP.*\(default 127\.0\.0\.1:1143\)`, out)
	status, out, _ := try("version")
	require.Equal(t, exitOK, status)
	require.Regexp(t, `^dragoman \S+`, out)
}

func TestFailuresAreOneLine(t *testing.T) {
	for _, args := range [][]string{
		{"serve", "--config", "/no/such/file"},
		{"serve", "--data", "/dev/null/x"},
		{"import", "--jmap-url", "http://127.0.0.1:1", "--user", "a:b", "x"},
	} {
		status, _, err := try(args...)
		require.Equal(t, exitFailed, status)
		require.Equal(t, 1, strings.Count(err, "\n"), err)
		require.True(t, strings.HasPrefix(err, "dragoman "+args[0]+": "), err)
	}
}
