package imaptest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// fake is an IMAP server that has no mail: it knows the commands of the preparation, and of all others what to answer.
type fake struct {
	addr     string
	greeting chan string // of the next connection
	caps     string
	// answers are by command, in lower case and with literals in it. "$T" is its tag, "$+" waits for a line that is then a command of its own,
	// and "$X" closes the connection.
	answers map[string]string
	mu      sync.Mutex
	got     []string
}

func newFake(t *testing.T, answers map[string]string) *fake {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	f := &fake{addr: l.Addr().String(), greeting: make(chan string, 1), caps: "IMAP4rev1 MOVE RIGHTS=kxten", answers: answers}
	var served sync.WaitGroup
	served.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			served.Go(func() {
				defer conn.Close()
				f.serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		served.Wait()
	})
	return f
}

func (f *fake) log(line string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.got = append(f.got, line)
}

// commands are those that were not of the preparation.
func (f *fake) commands() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.got...)
}

func (f *fake) serve(conn net.Conn) {
	in := bufio.NewReader(conn)
	greeting := "* OK ready"
	select {
	case greeting = <-f.greeting:
	default:
	}
	fmt.Fprintf(conn, "%s\r\n", greeting)
	for {
		wire, err := f.read(in, conn)
		if err != nil {
			return
		}
		tag, command, _ := strings.Cut(wire, " ")
		if !f.answer(conn, in, tag, command) {
			return
		}
	}
}

// read reads a command with its literals.
func (f *fake) read(in *bufio.Reader, out io.Writer) (string, error) {
	var command strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return "", err
		}
		line = strings.TrimSuffix(line, "\r\n")
		command.WriteString(line)
		m, ok := trailingMarker([]byte(line))
		if !ok {
			return command.String(), nil
		}
		if strings.Contains(line, "refuse") {
			tag, _, _ := strings.Cut(line, " ")
			fmt.Fprintf(out, "%s NO [LIMIT] too big\r\n", tag)
			return "", io.EOF
		}
		if !m.nonSync {
			fmt.Fprint(out, "* OK patience\r\n+ go on\r\n")
		}
		octets := make([]byte, m.size)
		if _, err := io.ReadFull(in, octets); err != nil {
			return "", err
		}
		command.WriteString("\r\n" + string(octets))
	}
}

func (f *fake) answer(out io.Writer, in *bufio.Reader, tag, command string) bool {
	name, _, _ := strings.Cut(strings.ToLower(command), " ")
	if text, known := f.answers[strings.ToLower(command)]; known {
		f.log(command)
		return f.say(out, in, tag, text)
	}
	switch name {
	case "login":
		f.log(command)
	case "append", "select", "create", "delete":
		f.log(command)
	case "capability":
		fmt.Fprintf(out, "* CAPABILITY %s\r\n", f.caps)
	case "list":
		fmt.Fprint(out, "* LIST () \"/\" imaptest\r\n* LIST () \"/\" INBOX\r\n* LIST () \"/\" imaptest/a\r\n")
	case "lsub", "unsubscribe":
	default:
		f.log(command)
		fmt.Fprintf(out, "%s BAD unknown\r\n", tag)
		return true
	}
	fmt.Fprintf(out, "%s OK done\r\n", tag)
	return true
}

// say writes an answer.
func (f *fake) say(out io.Writer, in *bufio.Reader, tag, text string) bool {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "$T", tag), "\n", "\r\n")
	for {
		before, after, waits := strings.Cut(text, "$+")
		before, _, closes := strings.Cut(before, "$X")
		if _, err := io.WriteString(out, before); err != nil || closes {
			return false
		}
		if !waits {
			return true
		}
		line, err := in.ReadString('\n')
		if err != nil {
			return false
		}
		f.log("> " + strings.TrimSuffix(line, "\r\n"))
		text = after
	}
}
