package server_test

import (
	"slices"
	"testing"

	"github.com/dragoman-mail/dragoman/jmap"
	"github.com/dragoman-mail/dragoman/jmap/cyrustest"
	"github.com/dragoman-mail/dragoman/jmap/faultproxy"
)

// TestFaultsOverCyrus is a part of TestFaults over a server that has its own ways: it keeps identical octets once, its blobs are those that were
// uploaded, and it loses track of changes when a mailbox is deleted.
func TestFaultsOverCyrus(t *testing.T) {
	cyrus := cyrustest.Start(t)
	backend := &faultBackend{url: cyrus.URL, newUser: func(t *testing.T) jmap.Credentials { return cyrus.User(t).Credentials }}
	lines := []faultLine{
		{fault: faultproxy.Reset()},
		{fault: faultproxy.Reset().Afterwards()},
		{calls: true, fault: faultproxy.MethodError("serverPartialFail").Afterwards()},
		{fault: faultproxy.Reset().Afterwards(), held: true, calls: true, only: " (calls)"},
		{fault: faultproxy.Refused(), held: true},
		{calls: true, fault: faultproxy.EmptyLists(), held: true},
	}
	var commands []faultyCommand
	for _, c := range faultyCommands {
		if c.effect != nil || slices.Contains([]string{"SELECT cold", "FETCH BODY[]", "SEARCH"}, c.name) {
			commands = append(commands, c)
		}
	}
	runFaults(t, backend, 4, lines, commands)
}
