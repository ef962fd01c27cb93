package server_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dragoman-mail/dragoman/jmap/faultproxy"
	"github.com/dragoman-mail/dragoman/server/servertest"
)

// TestFaults has every command meet every fault, and holds what the client is told, and what is stored, against what the backend says
// when it is asked directly. With -v it prints the table of outcomes. Under the race detector, which looks for other things, a third of
// the table has to do.
func TestFaults(t *testing.T) {
	lines := faultLines()
	if testing.Short() {
		lines = lines[:8]
	}
	runFaults(t, embeddedBackend(t), 16, lines, faultyCommands) // most of the time goes by in waiting
}

// runFaults fills a table, so many cells at once.
func runFaults(t *testing.T, backend *faultBackend, atOnce int, lines []faultLine, commands []faultyCommand) {
	type work struct {
		line    faultLine
		command faultyCommand
	}
	todo := make(chan work)
	var mu sync.Mutex
	outcomes := map[string]map[string]string{}
	var workers sync.WaitGroup
	for range atOnce {
		workers.Go(func() {
			for w := range todo {
				t.Run(w.line.name()+"/"+w.command.name, func(t *testing.T) {
					outcome := meetFault(t, backend, w.line, w.command)
					mu.Lock()
					defer mu.Unlock()
					if outcomes[w.line.name()] == nil {
						outcomes[w.line.name()] = map[string]string{}
					}
					outcomes[w.line.name()][w.command.name] = outcome
				})
			}
		})
	}
	for i, line := range lines {
		for k, command := range commands {
			if line.applies(command) && (!raceEnabled || (i+k)%3 == 0) {
				todo <- work{line, command}
			}
		}
	}
	close(todo)
	workers.Wait()
	t.Log("\n" + faultTable(lines, commands, outcomes))
}

// faultTable prints the outcomes, as Markdown.
func faultTable(lines []faultLine, commands []faultyCommand, outcomes map[string]map[string]string) string {
	var b strings.Builder
	b.WriteString("| fault |")
	for _, c := range commands {
		fmt.Fprintf(&b, " %s |", c.name)
	}
	b.WriteString("\n|" + strings.Repeat("---|", len(commands)+1) + "\n")
	for _, l := range lines {
		fmt.Fprintf(&b, "| %s |", l.name())
		for _, c := range commands {
			fmt.Fprintf(&b, " %s |", outcomes[l.name()][c.name])
		}
		b.WriteString("\n")
	}
	return b.String()
}

// meetFault runs one command against one fault and returns the outcome in short.
func meetFault(t *testing.T, backend *faultBackend, line faultLine, command faultyCommand) string {
	options := cellOptions{}
	if line.timeout {
		options.timeout = 700 * time.Millisecond
	}
	c := newCell(t, backend, options)
	c.seed()
	client := c.dial()
	if !command.login {
		succeed(t, client, c.loginLine())
	}
	if line.warm {
		succeed(t, client, `LIST "" *`)
	}
	for _, text := range command.before {
		succeed(t, client, text)
	}
	known := c.known(client, command)
	before := c.direct.truth()
	fault := c.proxy.Inject(line.rule(command))
	reply := c.perform(client, command, line, fault)
	hits := fault.Hits()
	fault.Lift()

	after := c.direct.truth()
	done := c.checkEffect(command, reply, before, after)
	c.checkCode(command, line, reply)
	if !line.short {
		c.checkUntagged(command, reply, before, after)
	}
	client = c.stays(client, reply)
	c.checkView(client, known, after)
	if command.append {
		c.repeat(client, reply)
	}
	return outcomeOf(reply, hits, done, command)
}

// outcomeOf is the entry of the table.
func outcomeOf(reply servertest.Reply, hits int, done bool, command faultyCommand) string {
	text := reply.Tagged.Text
	status, rest, _ := strings.Cut(text, " ")
	if status == "NO" || status == "BYE" {
		if code, _, ok := strings.Cut(rest, "]"); ok && strings.HasPrefix(code, "[") {
			status += " " + code + "]"
		}
		if done && command.effect != nil {
			status += " (done)"
		}
	}
	if hits == 0 {
		status += " (not asked)"
	}
	return status
}

// perform runs the command and returns what came.
func (c *cell) perform(client *servertest.Client, command faultyCommand, line faultLine, fault *faultproxy.Injection) servertest.Reply {
	c.t.Helper()
	switch {
	case command.login:
		return client.Do(c.loginLine())
	case command.append:
		return c.append(client)
	case command.idle:
		return c.idle(client, line, fault)
	}
	return client.Do(command.text)
}

func (c *cell) append(client *servertest.Client) servertest.Reply {
	c.t.Helper()
	text := appendText(c.user.User)
	return client.Do(fmt.Sprintf("APPEND Work (\\Flagged) {%d+}\r\n%s", len(text), text))
}

// idle listens until the gateway has asked the backend, and met the fault. When that was about credentials the gateway ends it.
func (c *cell) idle(client *servertest.Client, line faultLine, fault *faultproxy.Injection) servertest.Reply {
	c.t.Helper()
	done := client.Idle()
	<-fault.Met()
	if !strings.HasPrefix(line.fault.Name, "401") {
		return done()
	}
	var reply servertest.Reply
	said := client.Closed()
	reply.Tagged.Text = strings.TrimPrefix(said[len(said)-1], "* ")
	return reply
}

// known is what the client knows before: UIDVALIDITY, and the UID of each size.
type known struct {
	validity string
	uids     map[string]string // by size
}

// known is empty where the mailbox has not been selected: the client knows nothing then.
func (c *cell) known(client *servertest.Client, command faultyCommand) known {
	k := known{uids: map[string]string{}}
	if !slices.Contains(command.before, "SELECT INBOX") {
		return k
	}
	other := c.login()
	k.validity = validityOf(succeed(c.t, other, "SELECT INBOX"))
	for _, m := range fetched(succeed(c.t, other, "FETCH 1:* (UID RFC822.SIZE FLAGS)")) {
		k.uids[m.size] = m.uid
	}
	require.Len(c.t, k.uids, 3)
	other.OK("LOGOUT")
	return k
}

var validityPattern = regexp.MustCompile(`UIDVALIDITY (\d+)`)

func validityOf(lines []string) string {
	for _, line := range lines {
		if found := validityPattern.FindStringSubmatch(line); found != nil {
			return found[1]
		}
	}
	return ""
}

type fetchedMessage struct{ uid, size, flags string }

var fetchPatterns = map[string]*regexp.Regexp{
	"uid": regexp.MustCompile(`UID (\d+)`), "size": regexp.MustCompile(`RFC822\.SIZE (\d+)`), "flags": regexp.MustCompile(`FLAGS \(([^)]*)\)`),
}

func fetched(lines []string) []fetchedMessage {
	var all []fetchedMessage
	for _, line := range lines {
		if !strings.Contains(line, " FETCH (") {
			continue
		}
		get := func(name string) string {
			if found := fetchPatterns[name].FindStringSubmatch(line); found != nil {
				return found[1]
			}
			return ""
		}
		all = append(all, fetchedMessage{get("uid"), get("size"), get("flags")})
	}
	return all
}

// checkEffect holds what is stored against the answer, and reports whether the command took effect.
func (c *cell) checkEffect(command faultyCommand, reply servertest.Reply, before, after *truth) bool {
	c.t.Helper()
	if command.effect == nil {
		require.Equal(c.t, before.lines(), after.lines(), "a command that only reads changed something")
		return false
	}
	expected := before.clone()
	command.effect(c, expected)
	if strings.HasPrefix(reply.Tagged.Text, "OK") {
		require.Equal(c.t, expected.lines(), after.lines(), "it was said to be done: %s", reply.Tagged.Text)
		return true
	}
	if slices.Equal(after.lines(), expected.lines()) {
		return true
	}
	for _, part := range command.between {
		partly := before.clone()
		part(c, partly)
		if slices.Equal(after.lines(), partly.lines()) {
			return true
		}
	}
	require.Equal(c.t, before.lines(), after.lines(), "it was said to have failed: %s", reply.Tagged.Text)
	return false
}

// mayAnswer are the response codes for failures that are not the client's.
var mayAnswer = []string{"[UNAVAILABLE]", "[LIMIT]", "[SERVERBUG]", "[EXPIRED]", "[INUSE]"}

func (c *cell) checkCode(command faultyCommand, line faultLine, reply servertest.Reply) {
	c.t.Helper()
	text := reply.Tagged.Text
	if strings.HasPrefix(text, "OK") || command.idle && strings.HasPrefix(text, "BYE [EXPIRED]") {
		return
	}
	codes := mayAnswer
	if command.login && strings.HasPrefix(line.fault.Name, "401") {
		codes = []string{"[AUTHENTICATIONFAILED]"}
	}
	require.True(c.t, slices.ContainsFunc(codes, func(code string) bool { return strings.HasPrefix(text, "NO "+code) }), "answer: %s", text)
	if !strings.HasPrefix(line.fault.Name, "401") {
		require.NotContains(c.t, text, "[EXPIRED]")
	}
}

// checkUntagged looks for falsehoods in what came before the tagged response.
func (c *cell) checkUntagged(command faultyCommand, reply servertest.Reply, before, after *truth) {
	c.t.Helper()
	ok := strings.HasPrefix(reply.Tagged.Text, "OK")
	listed := 0
	expunges := 0
	found := false
	bodies := 0
	for _, line := range reply.Lines() {
		words := strings.Fields(line)
		switch {
		case len(words) > 2 && words[2] == "EXISTS":
			n, _ := strconv.Atoi(words[1])
			counts := []int{len(before.boxes["INBOX"]), len(after.boxes["INBOX"])}
			require.Contains(c.t, counts, n, line)
		case len(words) > 2 && words[2] == "EXPUNGE":
			expunges++
		case words[1] == "SEARCH":
			found = true
			want := map[string]string{"SEARCH": "1 2", "SEARCH BODY": "2"}[command.name]
			require.Equal(c.t, want, strings.Join(words[2:], " "), line)
		case words[1] == "LIST":
			listed++
			path := strings.Trim(words[len(words)-1], `"`)
			require.Contains(c.t, before.boxes, path, line)
		case words[1] == "STATUS":
			require.Contains(c.t, line, "MESSAGES 2 UNSEEN 2", line)
		case len(words) > 2 && words[2] == "FETCH":
			bodies++
			c.checkFetch(command, line, after)
		}
	}
	require.LessOrEqual(c.t, expunges, len(before.boxes["INBOX"])-len(after.boxes["INBOX"]), "EXPUNGE of what is there")
	switch command.name {
	case "LIST":
		require.True(c.t, !ok || listed == len(before.boxes), "%d of %d mailboxes", listed, len(before.boxes))
	case "SEARCH", "SEARCH BODY":
		require.Equal(c.t, ok, found)
	case "FETCH FLAGS", "FETCH ENVELOPE", "FETCH BODY[]":
		require.True(c.t, !ok || bodies == 3, "%d messages", bodies)
	}
}

var sequencePattern = regexp.MustCompile(`^\* (\d+) FETCH`)

func (c *cell) checkFetch(command faultyCommand, line string, after *truth) {
	c.t.Helper()
	n, _ := strconv.Atoi(sequencePattern.FindStringSubmatch(line)[1])
	switch command.name {
	case "FETCH ENVELOPE":
		require.Contains(c.t, line, fmt.Sprintf("letter %d", n))
	case "FETCH BODY[]":
		require.Contains(c.t, line, letterText(c.user.User, n))
	case "FETCH FLAGS":
		require.Contains(c.t, line, []string{`\Seen`, `FLAGS (`, `\Flagged`}[n-1])
	case "STORE":
		require.Equal(c.t, "$flagged", after.find("INBOX", c.letter(2)).flags, line)
	}
}

// stays requires that the connection is usable, and returns it: or another one when the credentials were said to have died.
func (c *cell) stays(client *servertest.Client, reply servertest.Reply) *servertest.Client {
	c.t.Helper()
	if strings.HasPrefix(reply.Tagged.Text, "BYE") {
		return c.login()
	}
	if strings.Contains(reply.Tagged.Text, "[EXPIRED]") {
		require.Contains(c.t, strings.Join(client.Closed(), "\n"), "* BYE [EXPIRED]")
		return c.login()
	}
	client.OK("CAPABILITY")
	return client
}

// checkView requires that the session, and another one, see the truth, and that what a client knew is still so.
func (c *cell) checkView(client *servertest.Client, k known, after *truth) {
	c.t.Helper()
	if reply := client.Do("NOOP"); !strings.HasPrefix(reply.Tagged.Text, "OK") {
		succeed(c.t, client, "NOOP")
	}
	if reply := client.Do("SELECT INBOX"); strings.HasPrefix(reply.Tagged.Text, "BAD") {
		succeed(c.t, client, c.loginLine())
	}
	var lines []string
	for deadline := time.Now().Add(succeedWithin); ; {
		lines = succeed(c.t, client, "SELECT INBOX")
		if slices.Contains(lines, fmt.Sprintf("* %d EXISTS", len(after.boxes["INBOX"]))) {
			break
		}
		require.True(c.t, time.Now().Before(deadline), "want %d messages: %v", len(after.boxes["INBOX"]), lines)
	}
	if k.validity != "" {
		require.Equal(c.t, k.validity, validityOf(lines))
	}
	var got, want []string
	for _, m := range fetched(succeed(c.t, client, "FETCH 1:* (UID RFC822.SIZE FLAGS)")) {
		got = append(got, m.size)
		if uid, ok := k.uids[m.size]; ok {
			require.Equal(c.t, uid, m.uid, "the UID of the message with %s octets", m.size)
		}
		for _, l := range after.boxes["INBOX"] {
			if strconv.FormatInt(l.size, 10) == m.size {
				require.Equal(c.t, strings.Contains(l.flags, "$flagged"), strings.Contains(m.flags, `\Flagged`), "flags of %s", m.size)
			}
		}
	}
	for _, l := range after.boxes["INBOX"] {
		want = append(want, strconv.FormatInt(l.size, 10))
	}
	require.ElementsMatch(c.t, want, got)
	var paths []string
	for _, line := range succeed(c.t, client, `LIST "" *`) {
		paths = append(paths, strings.Trim(line[strings.LastIndexByte(line, ' ')+1:], `"`))
	}
	var boxes []string
	for path := range after.boxes {
		boxes = append(boxes, path)
	}
	require.ElementsMatch(c.t, boxes, paths)
}

// repeat does what a client does whose APPEND failed, and requires that the message is there once in the end.
func (c *cell) repeat(client *servertest.Client, reply servertest.Reply) {
	c.t.Helper()
	for deadline := time.Now().Add(succeedWithin); !strings.HasPrefix(reply.Tagged.Text, "OK"); {
		require.True(c.t, time.Now().Before(deadline), reply.Tagged.Text)
		reply = c.append(client)
	}
	require.Equal(c.t, 1, c.direct.truth().count("Work", appendText(c.user.User)))
	uid := regexp.MustCompile(`APPENDUID (\d+) (\d+)`).FindStringSubmatch(reply.Tagged.Text)
	require.NotNil(c.t, uid, reply.Tagged.Text)
	lines := succeed(c.t, client, "SELECT Work")
	require.Equal(c.t, uid[1], validityOf(lines))
	got := succeed(c.t, client, "UID FETCH "+uid[2]+" (FLAGS BODY.PEEK[])")
	require.Len(c.t, got, 1)
	require.Contains(c.t, got[0], appendText(c.user.User))
	require.Contains(c.t, got[0], `\Flagged`)
}
