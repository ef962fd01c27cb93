package imaptest_test

import (
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/imaptest"
	"github.com/dragoman-mail/dragoman/jmap/cyrustest"
	"github.com/dragoman-mail/dragoman/server/servertest"
)

func TestMain(m *testing.M) { os.Exit(cyrustest.Main(m)) }

// runOwn runs our scripts; known are those that fail, with the reason. A script of them that does not fail is a failure too.
func runOwn(t *testing.T, config imaptest.Config, known map[string]string) {
	scripts, err := imaptest.Own()
	require.NoError(t, err)
	config.Timeout = 2 * time.Minute // for machines that are busy
	config.Done = func(result *imaptest.Result) {
		name := result.Script.Name
		reason, expected := known[name]
		delete(known, name)
		switch {
		case expected && !result.Failed():
			t.Errorf("%s does not fail (skipped: %q): take it out of the list (%s)", name, result.Skipped, reason)
		case !expected && result.Failed():
			var b strings.Builder
			result.Print(&b)
			t.Errorf("%s", b.String())
		}
	}
	report, err := imaptest.Run(t.Context(), config, scripts)
	require.NoError(t, err)
	t.Log(report.Summary())
	for name := range known {
		t.Errorf("%s is in the list of known failures, but there is no such script", name)
	}
}

func TestOwnScriptsOverTheEmbeddedStore(t *testing.T) {
	t.Parallel()
	server := servertest.New(t, servertest.Options{Users: map[string]string{"second": "secret"}})
	runOwn(t, imaptest.Config{
		Server: server.Addr, Users: []imaptest.User{{Name: "demo", Password: "demo"}, {Name: "second", Password: "secret"}},
	}, map[string]string{})
}

// cyrusSettings make two DELETEs of a name within a second possible, also of a mailbox with a special use, and IDLE quick.
var cyrusSettings = []string{"delete_mode: immediate", "specialuse_protect: \\Snoozed", "imapidlepoll: 1"}

// What the server announces has a script.
func TestEveryCapabilityHasAScript(t *testing.T) {
	scripts, err := imaptest.Own()
	require.NoError(t, err)
	covered := map[string]bool{}
	for _, s := range scripts {
		for _, name := range s.Capabilities() {
			covered[name] = true
		}
	}
	server := servertest.New(t, servertest.Options{TLS: true})
	client := server.Dial()
	lines := client.OK("CAPABILITY")
	client.OK("LOGIN demo demo")
	lines = append(lines, client.OK("CAPABILITY")...)
	for _, line := range lines {
		for _, name := range strings.Fields(line)[2:] {
			require.True(t, covered[name], "%s is announced, and no script of imaptest/scripts has it in its capabilities", name)
		}
	}
}

// Cyrus's own IMAP is a second opinion on the scripts.
func TestOwnScriptsOverCyrus(t *testing.T) {
	t.Parallel()
	cyrus := cyrustest.Start(t, cyrusSettings...)
	var users []imaptest.User
	for range 2 {
		user := cyrus.User(t)
		users = append(users, imaptest.User{Name: user.User, Password: user.Password})
	}
	runOwn(t, imaptest.Config{Server: cyrus.Addr, Users: users}, maps.Clone(cyrusFailures))
}

// cyrusFailures are the scripts that fail over Cyrus 3.6, and why that is Cyrus's fault and not theirs.
var cyrusFailures = map[string]string{
	"authenticate-no-base64": "NO, where RFC 9051 section 6.2.2 has BAD for what cannot be decoded",
	"binary-unknown-cte":     "NO without UNKNOWN-CTE (RFC 3516 section 4.3)",
	"copy-out-of-range":      outOfRange,
	"copy-uid":               "copies nothing when the set has a UID that is not there, which should be ignored (RFC 9051 section 6.4.9)",
	"enable":                 "no ENABLED when nothing was enabled; it may be empty, but is the answer (RFC 5161 section 3.2)",
	"esearch-syntax":         "OK for SEARCH without a key (RFC 9051 section 9, search-program)",
	"esort-options":          "MIN and MAX by number, where RFC 5267 section 3.1 has the first and the last in the order asked for",
	"fetch-out-of-range":     outOfRange,
	"fetch-syntax":           "OK for BODY[0], where nz-number is the number of a part (RFC 9051 section 9, section-part)",
	"id":                     "answers only the first ID of a connection (RFC 2971 section 3.1)",
	"pipelining-errors":      outOfRange,
	"preview":                "NIL without LAZY (RFC 8970 section 3.2)",
	"sasl-ir-not-base64":     "asks for more when the initial response is no base64 (RFC 4959 section 3)",
	"search-charset":         "BAD, where RFC 9051 section 6.4.4 has NO with BADCHARSET",
	"search-utf8":            "BODY does not find what is encoded in quoted-printable (RFC 9051 section 6.4.4)",
	"select-inbox":           "LIST does not find inbox in lower case (RFC 9051 section 5.1)",
	"sort-charset":           "BAD, where RFC 5256 section 3 has NO",
	"store-out-of-range":     outOfRange,
	"store-silent":           "FETCH after .SILENT, for \\Recent (RFC 9051 section 6.4.6)",
	"syntax-sets":            "NO or OK for numbers that are no nz-number (RFC 9051 section 9, seq-number)",
	"within-syntax":          "OK for OLDER 0, which is no nz-number (RFC 5032 section 4)",
}

const outOfRange = "NO or OK for a number that no message has, for which RFC 9051 section 9 (seq-number) has BAD"
