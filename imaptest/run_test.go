package imaptest

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func (f *fake) config() Config {
	return Config{Server: f.addr, Users: []User{{"ann@example.org", "secret"}}, Timeout: 20 * time.Second}
}

func runText(t *testing.T, config Config, script string) *Result {
	t.Helper()
	s := mustParse(t, script)
	s.Name = "t"
	s.mbox = []message{{octets: []byte("A: 1\r\n\r\n")}, {octets: []byte("B: 2\r\n\r\n"), date: time.Date(2024, 2, 3, 4, 5, 6, 0, time.UTC)}}
	report, err := Run(t.Context(), config, []*Script{s})
	require.NoError(t, err)
	return report.Results[0]
}

// each step of a script, with what the server says, and the failures in the form "line: expected | came".
func TestSteps(t *testing.T) {
	for _, c := range []struct {
		name, script, says string
		want               []string
	}{
		{"status", "ok x", "$T OK fine\n", nil},
		{"other status", "ok x", "$T NO [LIMIT] oh\n", []string{"4: OK | NO [LIMIT] oh"}},
		{"no", "no x", "$T NO\n", nil},
		{"bad", "bad x", "$T OK\n", []string{"4: BAD | OK"}},
		{"prefix", "x\nok [read-write] y", "$T OK [READ-WRITE] yes\n", nil},
		{"wrong prefix", "x\nok [read-write]", "$T OK [READ-ONLY] yes\n", []string{"4: OK [read-write] | OK [READ-ONLY] yes"}},
		{"case of the prefix", "x\nok [${case:Read}", "$T OK [READ] yes\n", []string{"4: OK [${case:Read} | OK [READ] yes"}},
		{"replies in any order", "ok x\n* 1 exists\n* 2 recent", "* 2 RECENT\n* 1 EXISTS\n$T OK\n", nil},
		{"a reply missing", "ok x\n* 1 exists\n* search 1 2", "* 1 EXISTS\n* SEARCH 1 3\n$T OK\n",
			[]string{"6: * search 1 2 | * SEARCH 1 3"}},
		{"nothing came", "ok x\n* 1 exists", "$T OK\n", []string{"5: * 1 exists | no untagged reply"}},
		{"one reply for two lines", "ok x\n* 1 fetch (uid 2)\n* 1 fetch (flags ())", "* 1 FETCH (UID 2 FLAGS ())\n$T OK\n", nil},
		{"equal lines", "ok x\n* 1 expunge\n* 1 expunge", "* 1 EXPUNGE\n* 1 EXPUNGE\n$T OK\n", nil},
		{"equal lines, one reply", "ok x\n* 1 expunge\n* 1 expunge", "* 1 EXPUNGE\n$T OK\n", []string{"6: * 1 expunge | no untagged reply"}},
		{"a reply that must not come", "ok x\n! 1 exists", "* 1 EXISTS\n$T OK\n", []string{"5: ! 1 exists | * 1 EXISTS"}},
		{"a reply that does not come", "ok x\n! 1 exists", "* 2 EXISTS\n$T OK\n", nil},
		{"ordered", "ok x\n!ordered\n* 1 exists\n* 2 exists", "* 1 EXISTS\n* 3 EXISTS\n* 2 EXISTS\n$T OK\n", nil},
		{"out of order", "ok x\n!ordered\n* 1 exists\n* 2 exists", "* 2 EXISTS\n* 1 EXISTS\n$T OK\n", []string{"7: * 2 exists | no untagged reply"}},
		{"two in flight", "tag1 x\ntag2 y\n* 1 exists\ntag1 ok\ntag2 no", "$T OK\n", nil},
		{"two in flight, one wrong", "tag1 x\ntag2 y\ntag1 ok\ntag2 ok", "$T OK\n", []string{"5: OK | NO y"}},
		{"the tag", "ok x\n* esearch (tag $tag) all 1", "* ESEARCH (TAG \"$T\") ALL 1\n$T OK\n", nil},
		{"sequence numbers before an expunge", "ok x\n* $2 expunge\n* $3 fetch (uid 3)", "* 3 FETCH (UID 3)\n* 2 EXPUNGE\n$T OK\n", nil},
		{"sequence numbers after an expunge", "ok x\n* $2 expunge\n* $3 fetch (uid 3)", "* 2 EXPUNGE\n* 2 FETCH (UID 3)\n$T OK\n", nil},
		{"wrong after an expunge", "ok x\n* $2 expunge\n* $3 fetch (uid 3)", "* 2 EXPUNGE\n* 3 FETCH (UID 3)\n$T OK\n",
			[]string{"6: * $3 fetch (uid 3) | * 3 FETCH (UID 3)"}},
		{"a variable", "ok x\n* uid $uid\n\nok uid $uid\n* search $uid", "* UID 7\n$T OK\n", nil},
		{"a variable that changes", "ok x\n* uid $uid\n\nok uid $uid\n* uid $uid", "* UID 7\n$T OK\n", []string{"8: * uid $uid | * SEARCH 7"}},
		{"a variable without a value", "ok x\n\nok uid $uid", "$T OK\n", []string{"6:  | the command cannot be sent: the variable $uid has no value"}},
		{"an unknown tag", "ok x", "z9 OK\n$T OK\n", []string{"4:  | a reply to an unknown tag: z9 OK"}},
		{"more is wanted", "ok x", "+ more\n$+$T BAD what\n", []string{"4: OK | the server wants more: +", "4: OK | BAD what"}},
		{"the connection ends", "ok x\n\nok y", "$X", []string{"4:  | EOF"}},
		{"the connection ends with BYE", "ok x", "* BYE full\n$X", []string{"4:  | the server closed the connection and said * BYE full"}},
		{"any end is expected", "\"\" x", "$X", nil},
		{"no BYE where one is expected", "\"\" x\n* bye", "$X", []string{"5: * bye | no untagged reply"}},
		{"BYE is expected", "\"\" x\n* bye", "* BYE full\n$X", nil},
		{"BYE is expected and does not come", "\"\" x\n* bye", "$T OK\n", []string{"5: * bye | no untagged reply"}},
		{"any status", "\"\" x\n\nok uid 7", "$T NO\n", nil},
		{"a status later", "\"\" x\n* 1 exists\n\nok uid 7\n* search 7", "* 1 EXISTS\n$T OK\n", nil},
		{"the server waits", "\"\" x\n\nok done\n* 1 exists", "+ idling\n* 1 EXISTS\n$+$T OK\n", nil},
		{"waiting without a command", "\"\" x\n\n\"\"\n* 1 exists\n\nok done\n! 1 exists", "+ idling\n* 1 EXISTS\n$+$T OK\n", nil},
		{"an answer to the server", "\"\" x\n\n\"\" YWJj\n\nok ZGVm", "+ \n$++ bW9yZQ==\n$+$T OK\n", nil},
		{"no protocol", "ok x", "* (\n$T OK\n", []string{`4:  | the server sent "* (": a parenthesis is not closed`}},
		{"a literal without an invitation", "ok refuse {{{\nabc\n}}}", "", []string{"4: OK | NO [LIMIT] too big"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t, map[string]string{
				"x": c.says, "y": "* 1 EXISTS\n$T NO y\n", "uid 7": "* SEARCH 7\n$T OK\n",
			})
			result := runText(t, f.config(), "state: auth\n\n# "+c.name+"\n"+c.script+"\n")
			var got []string
			for _, failure := range result.Failures {
				got = append(got, fmt.Sprintf("%d: %s | %s", failure.Line, failure.Expected, failure.Came))
			}
			require.Equal(t, c.want, got)
			require.Equal(t, len(c.want) > 0, result.Passed < result.Run)
		})
	}
}

func TestStrictWantsEveryReply(t *testing.T) {
	f := newFake(t, map[string]string{"x": "* 1 EXISTS\n* 0 RECENT\n* OK ping\n$T OK\n"})
	head := "state: auth\nignore_extra_untagged: no\n\n"
	require.False(t, runText(t, f.config(), head+"ok x\n* 1 exists\n? 0 recent\n? ok ping\n? 7 expunge\n").Failed())
	result := runText(t, f.config(), head+"ok x\n* 1 exists\n")
	require.Len(t, result.Failures, 1)
	require.Equal(t, "* 0 RECENT, which is not expected (nor are 1 more)", result.Failures[0].Came)
}

// What is sent: the preparation of each state, variables, literals, messages of the mbox.
func TestWhatIsSent(t *testing.T) {
	login := `LOGIN "ann@example.org" "secret"`
	sweep := []string{login, `DELETE "imaptest/a"`, `DELETE "imaptest"`}
	created := append(sweep[:3:3], `CREATE "imaptest"`)
	appended := append(created[:4:4], "APPEND \"imaptest\" {8}\r\nA: 1\r\n\r\n",
		"APPEND \"imaptest\" \" 3-Feb-2024 04:05:06 +0000\" {8}\r\nB: 2\r\n\r\n")
	selected := append(appended[:6:6], `SELECT "imaptest"`)
	for script, want := range map[string][]string{
		"state: auth\n\nok x\n":                  append(sweep[:3:3], "x"),
		"state: created\n\nok x\n":               append(created[:4:4], "x"),
		"state: appended\n\nok x\n":              append(appended[:6:6], "x"),
		"state: appended\nmessages: 3\n\nok x\n": append(appended[:6:6], "APPEND \"imaptest\" {8}\r\nA: 1\r\n\r\n", "x"),
		"\nok x\n":                               append(selected[:7:7], "x"),
		"state: auth\n\nok append\n":             append(sweep[:3:3], "append \"imaptest\" {8}\r\nA: 1\r\n\r\n"),
		"state: created\nmessages: 0\n\nok append $mailbox (\\Seen)\n\nok append b\n": append(created[:4:4],
			"append imaptest (\\Seen) {8}\r\nA: 1\r\n\r\n", "append b \" 3-Feb-2024 04:05:06 +0000\" {8}\r\nB: 2\r\n\r\n"),
		"state: auth\n\nok append x catenate (y)\n":                  append(sweep[:3:3], "append x catenate (y)"),
		"state: auth\n\nok append x {{{\nA: ${user} ${no} $x\n}}}\n": append(sweep[:3:3], "append x {27}\r\nA: ann@example.org ${no} $x"),
		"state: auth\n\n\"\" replace 1 $mailbox\n":                   append(sweep[:3:3], "replace 1 imaptest {8}\r\nA: 1\r\n\r\n"),
		"state: auth\n\n\"\" uid replace 1 $mailbox (a)\n":           append(sweep[:3:3], "uid replace 1 imaptest (a) {8}\r\nA: 1\r\n\r\n"),
		"state: nonauth\n\n\"\" $user ${username}2 $domain $password $mailbox_url $$a $ 1\n": {
			"ann@example.org ann2 example.org secret imaptest $a $ 1"},
	} {
		f := newFake(t, map[string]string{"x": "$T OK\n", "append x catenate (y)": "$T OK\n"})
		result := runText(t, f.config(), script)
		require.Empty(t, result.Failures, script)
		got := f.commands()
		// the connection that removes the test mailboxes at the end may say the same again
		require.GreaterOrEqual(t, len(got), len(want), script)
		require.Equal(t, want, got[:len(want)], script)
	}
}

// A mailbox that is refused is tried again once, and in later tests not waited for.
func TestDeleteIsTriedAgain(t *testing.T) {
	f := newFake(t, map[string]string{`delete "imaptest"`: "$T NO not yet\n", "x": "$T OK\n"})
	script := mustParse(t, "state: auth\n\nok x\n")
	_, err := Run(t.Context(), f.config(), []*Script{script, script})
	require.NoError(t, err)
	var got []string
	for _, command := range f.commands() {
		if !strings.HasPrefix(command, "LOGIN") {
			got = append(got, command)
		}
	}
	a, b := `DELETE "imaptest/a"`, `DELETE "imaptest"`
	require.Equal(t, []string{a, b, b, "x", a, b, "x", a, b}, got)
}

func TestSkips(t *testing.T) {
	f := newFake(t, map[string]string{"x": "$T OK\n"})
	two := f.config()
	two.Users = append(two.Users, User{"bob", "secret2"})
	for script, want := range map[string]string{
		"capabilities: move imap4REV1\nstate: auth\n\nok x\n": "",
		"capabilities: RIGHTS=\nstate: auth\n\nok x\n":        "",
		"capabilities: MOVE=\nstate: auth\n\nok x\n":          "the server has not MOVE=",
		"capabilities: MOVE SORT\nstate: auth\n\nok x\n":      "the server has not SORT",
		"user 1: $user2\nstate: auth\n\nok x\n":               "",
		"user 1: ${user2}\nstate: auth\n\nok x\n":             "",
		"user 1: bob\nstate: auth\n\nok x\n":                  "",
		"user 1: $user3\nstate: auth\n\nok x\n":               "there is no user $user3",
	} {
		result := runText(t, two, script)
		require.Equal(t, want, result.Skipped, script)
		require.Empty(t, result.Failures)
		require.Equal(t, want == "", result.Run == 1)
	}
}

func TestConnectionsAreOfTheirUsers(t *testing.T) {
	f := newFake(t, map[string]string{"x": "$T OK\n", "y": "$T OK\n"})
	config := f.config()
	config.Users = append(config.Users, User{"bob", "secret2"})
	result := runText(t, config, "connections: 3\nuser 3: $user2\nmessages: 0\n\n1 ok x\n2 ok y\n3 no x\n")
	require.Len(t, result.Failures, 1)
	require.Equal(t, 7, result.Failures[0].Line)
	got := strings.Join(f.commands(), "\n")
	require.Equal(t, 2, strings.Count(got, `SELECT "imaptest"`), "not the one of bob")
	require.Contains(t, got, `LOGIN "bob" "secret2"`)
}

func TestGreeting(t *testing.T) {
	for _, c := range []struct{ greeting, script, came string }{
		{"* OK [CAPABILITY IMAP4rev1 X] hello", "* ok [capability $] hello", ""},
		{"* OK [CAPABILITY X] hello", "* ok [alert]", "* OK [CAPABILITY X] hello"},
		{"* BYE full", "ok x", "the greeting is * BYE full"},
	} {
		f := newFake(t, nil)
		f.greeting <- c.greeting
		result := runText(t, f.config(), "state: nonauth\n\n"+c.script+"\n")
		require.Equal(t, c.came != "", result.Failed())
		if c.came != "" {
			require.Equal(t, c.came, result.Failures[0].Came)
		}
	}
}

func TestPreparationFails(t *testing.T) {
	f := newFake(t, map[string]string{`create "imaptest"`: "$T NO [NOPERM] never\n", `login "ann@example.org" "wrong"`: "$T NO [AUTHENTICATIONFAILED]\n"})
	result := runText(t, f.config(), "state: created\n\nok x\n")
	require.Equal(t, "CREATE: NO [NOPERM] never", result.Failures[0].Came)
	var b strings.Builder
	result.Print(&b)
	require.Equal(t, "t: preparing the test\n  came      CREATE: NO [NOPERM] never\n", b.String())
	config := f.config()
	config.Users[0].Password = "wrong"
	require.Contains(t, runText(t, config, "\nok x\n").Failures[0].Came, "LOGIN: NO [AUTHENTICATIONFAILED]")
	config.Server = "127.0.0.1:1"
	require.Len(t, runText(t, config, "\nok x\n").Failures, 1)
}

// A server that says nothing, or less than it promises, costs the time-out.
func TestHostileServersEnd(t *testing.T) {
	for name, says := range map[string]string{
		"silent":    "",
		"a promise": "* 1 FETCH (BODY[] {60000000}\n",
		"half":      "* 1 FE",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, map[string]string{"x": says + "$+"})
			config := f.config()
			config.Timeout = 3 * time.Second // busy machines need that long for the greeting
			result := runText(t, config, "state: nonauth\n\nok x\n* 1 exists\n\nok y\n")
			require.NotEmpty(t, result.Failures)
			require.Contains(t, result.Failures[len(result.Failures)-1].Came, "within 3s")
			require.Equal(t, 1, result.Run, "nothing can be judged after that")
		})
	}
}

func TestFloodEnds(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				chunk := []byte(strings.Repeat("* OK flood\r\n", 1000))
				for err := error(nil); err == nil; {
					_, err = conn.Write(chunk)
				}
			}()
		}
	}()
	config := Config{Server: l.Addr().String(), Users: []User{{"a", "b"}}, Timeout: 300 * time.Millisecond}
	result := runText(t, config, "state: nonauth\n\nok x {100000}\n"+strings.Repeat("a", 100000)+"\n* 1 exists\n")
	require.NotEmpty(t, result.Failures)
	require.Less(t, len(result.Failures), maxFailures+1)
}

func TestInterrupt(t *testing.T) {
	f := newFake(t, map[string]string{"x": "$+"})
	ctx, cancel := context.WithCancel(t.Context())
	config := f.config()
	config.Trace = writerFunc(func(p []byte) {
		if strings.HasSuffix(string(p), "C: c1t1 x\n") {
			cancel()
		}
	})
	_, err := Run(ctx, config, []*Script{mustParse(t, "state: nonauth\n\nok x\n")})
	require.ErrorIs(t, err, context.Canceled)
}

type writerFunc func([]byte)

func (w writerFunc) Write(p []byte) (int, error) { w(p); return len(p), nil }

func TestTraceHidesPasswords(t *testing.T) {
	f := newFake(t, map[string]string{"x": "* 1 EXISTS\n$T OK\n"})
	var trace strings.Builder
	config := f.config()
	config.Trace = &trace
	runText(t, config, "state: auth\n\nok x\n")
	require.NotContains(t, trace.String(), "secret")
	require.Contains(t, trace.String(), "t 1 S: * 1 EXISTS\n")
}

func TestReport(t *testing.T) {
	f := newFake(t, map[string]string{"x": "* 1 FETCH (UID 8)\n$T OK\n", "y": "$T OK\n"})
	config := f.config()
	var output, told strings.Builder
	config.Output = &output
	config.Done = func(r *Result) { r.Print(&told) }
	var scripts []*Script
	for _, text := range []string{
		"state: auth\n\nok y\n!output done by $user\nok x\n* 1 fetch (uid 8)\nok x\n* 1 fetch (uid $uid)\nok x\n* 2 fetch (uid $uid)\n",
		"state: auth\ncapabilities: SORT\n\nok y\n", "state: auth\ncapabilities: MOVE\n\nok y\n",
	} {
		scripts = append(scripts, mustParse(t, text))
	}
	report, err := Run(t.Context(), config, scripts)
	require.NoError(t, err)
	require.Equal(t, "3 test groups: 1 failed, 1 skipped due to missing capabilities\n"+
		"base protocol: 3/4 individual commands passed\nextensions: 1/1 individual commands passed\n", report.Summary())
	require.Equal(t, "done by ann@example.org\n", output.String())
	require.Equal(t, "t:10: command 4 of 4 (line 9): x\n  expected  * 2 fetch (uid $uid)\n  that is   * 2 fetch (uid 8)\n  came      * 1 FETCH (UID 8)\n", told.String())
	require.Equal(t, "a�⏎b", printable("a\x1b\r\nb"))
}

func TestConfigIsChecked(t *testing.T) {
	whole := Config{Server: "x", Users: []User{{"a", "b"}}}
	for want, change := range map[string]func(*Config){
		"no server":     func(c *Config) { c.Server = "" },
		"no user":       func(c *Config) { c.Users = nil },
		"time-out":      func(c *Config) { c.Timeout = -1 },
		"test mailbox":  func(c *Config) { c.Mailbox = "Inbox" },
		"\"a*\" cannot": func(c *Config) { c.Mailbox = "a*" },
	} {
		c := whole
		change(&c)
		_, err := Run(t.Context(), c, nil)
		require.ErrorContains(t, err, want)
	}
}
