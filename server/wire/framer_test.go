package wire

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var testLimits = Limits{Line: 8 << 10, Literals: 4 << 10, Count: 10, Discard: 1 << 30}

// feed gives a Framer that reads what write sends, and then the end.
func feed(t testing.TB, limits Limits, write func(io.Writer)) *Framer {
	t.Helper()
	client, server := net.Pipe()
	go func() {
		write(client)
		client.Close()
	}()
	in := NewInput(server, nil)
	t.Cleanup(func() {
		client.Close()
		server.Close()
		in.Stop()
	})
	return NewFramer(in, limits)
}

func feedString(t testing.TB, limits Limits, s string) *Framer {
	return feed(t, limits, func(w io.Writer) { io.WriteString(w, s) })
}

// step is one outcome in words; wanted literals are stored.
func step(f *Framer) string {
	outcome, err := f.Next()
	switch {
	case err == nil && outcome == Blank:
		return step(f)
	case err != nil:
		return "end: " + err.Error()
	case outcome == Complete:
		text := "command " + string(f.Line())
		for _, lit := range f.Literals() {
			text += fmt.Sprintf("[%s]", lit.Data)
		}
		return strings.ReplaceAll(text, "\r\n", "|")
	case outcome == Bad:
		return "bad " + f.Tag() + ": " + f.Fault().Error()
	}
	lit := f.Wanted()
	text := fmt.Sprintf("literal %s %q %d sync=%v binary=%v", f.Tag(), f.Prefix(), lit.Size, !lit.NonSync, lit.Binary)
	if err := f.Store(); err != nil {
		return text + " end: " + err.Error()
	}
	return text
}

func requireSteps(t *testing.T, f *Framer, want ...string) {
	t.Helper()
	for _, w := range want {
		require.Equal(t, w, step(f))
	}
}

func TestFramerCutsCommands(t *testing.T) {
	f := feedString(t, testLimits, "a NOOP\r\n\r\n\nb NOOP\nc LOGIN {3}\r\nfoo {4+}\r\nb\r\nr ~{1+}\r\n\x00\r\nd NOOP\r\n")
	requireSteps(t, f,
		"command a NOOP|",
		"command b NOOP|",
		`literal c "c LOGIN " 3 sync=true binary=false`,
		`literal c "c LOGIN {3}\r\n " 4 sync=false binary=false`,
		`literal c "c LOGIN {3}\r\n {4+}\r\n " 1 sync=false binary=true`,
		"command c LOGIN {3}| {4+}| ~{1+}||[foo][b|r][\x00]",
		"command d NOOP|",
		"end: EOF",
	)
}

func TestFramerSurvivesWhatIsTooBig(t *testing.T) {
	long := strings.Repeat("x", 20<<10)
	f := feedString(t, testLimits, strings.Join([]string{
		"a " + long,
		"b " + long + " {3+}\r\na b",
		"c APPEND x {9000+}\r\n" + strings.Repeat("\n", 9000) + " {2+}\r\nhi",
		"d LOGIN {5000}",
		"e LOGIN {4000+}\r\n" + strings.Repeat("u", 4000) + " {100+}\r\n" + strings.Repeat("p", 100),
		"f LOGIN {3+}\r\nf\x00o bar",
		"g" + strings.Repeat(" {0+}\r\n", 11),
		"h NOOP",
	}, "\r\n")+"\r\n")
	requireSteps(t, f,
		"bad a: command line is too long",
		"bad b: command line is too long",
		`literal c "c APPEND x " 9000 sync=false binary=false`,
		"bad c: literal is too big",
		`literal d "d LOGIN " 5000 sync=true binary=false`,
		"bad d: literal is too big",
		`literal e "e LOGIN " 4000 sync=false binary=false`,
		`literal e "e LOGIN {4000+}\r\n " 100 sync=false binary=false`,
		"bad e: literal is too big",
		`literal f "f LOGIN " 3 sync=false binary=false`,
		"bad f: literal holds a NUL",
	)
	for range 10 {
		require.Contains(t, step(f), "literal g")
	}
	requireSteps(t, f, "bad g: command has too many literals", "command h NOOP|", "end: EOF")
}

func TestFramerBoundsItsMemory(t *testing.T) {
	const size = 100 << 20
	f := feed(t, testLimits, func(w io.Writer) {
		io.WriteString(w, "a ")
		chunk := bytes.Repeat([]byte("x"), 1<<20)
		for range size / len(chunk) {
			w.Write(chunk)
		}
		io.WriteString(w, "\r\nb NOOP\r\n")
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	requireSteps(t, f, "bad a: command line is too long")
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(8<<20))
	requireSteps(t, f, "command b NOOP|")
}

func TestFramerGivesUpOnAFlood(t *testing.T) {
	limits := testLimits
	limits.Discard = 1 << 20
	for _, start := range []string{"a {99999999999999999999999+}\r\n", "a {2000000+}\r\n", "a "} {
		f := feed(t, limits, func(w io.Writer) {
			io.WriteString(w, start)
			for {
				if _, err := w.Write(make([]byte, 4096)); err != nil {
					return
				}
			}
		})
		text := step(f)
		if strings.HasPrefix(text, "literal") {
			text = step(f)
		}
		require.Equal(t, "end: "+ErrFlood.Error(), text, start)
	}
}

// A client that has announced too much is told so at once, not after all of it.
func TestFramerDoesNotWaitForAFlood(t *testing.T) {
	limits := testLimits
	limits.Discard = 1 << 20
	sent := make(chan struct{})
	defer close(sent)
	f := feed(t, limits, func(w io.Writer) {
		io.WriteString(w, "a APPEND x {2000000+}\r\n")
		<-sent
	})
	outcome, err := f.Next()
	require.NoError(t, err)
	require.Equal(t, LiteralWanted, outcome)
	require.Equal(t, "end: "+ErrFlood.Error(), step(f))
}

func TestFramerStreams(t *testing.T) {
	f := feedString(t, testLimits, "a APPEND x {9000}\r\n"+strings.Repeat("m", 9000)+"\r\nb APPEND {6+}\r\nabcdef\r\nc NOOP\r\n")
	outcome, err := f.Next()
	require.NoError(t, err)
	require.Equal(t, LiteralWanted, outcome)
	require.True(t, f.TooBig())
	data, err := io.ReadAll(f.Stream())
	require.NoError(t, err)
	require.Len(t, data, 9000)
	requireSteps(t, f, "command a APPEND x {9000}||[]")
	require.True(t, f.Literals()[0].Streamed)

	_, err = f.Next()
	require.NoError(t, err)
	_, err = f.Stream().Read(make([]byte, 2))
	require.NoError(t, err)
	f.Reject(io.ErrShortWrite)
	requireSteps(t, f, "bad b: short write", "command c NOOP|")
}

func TestFramerReadsPlainLines(t *testing.T) {
	f := feedString(t, testLimits, "a IDLE\r\nDONE\r\nb NOOP\r\n"+strings.Repeat("x", 9000)+"\r\nc NOOP\r\n")
	requireSteps(t, f, "command a IDLE|")
	line, err := f.ReadLine()
	require.NoError(t, err)
	require.Equal(t, "DONE\r\n", string(line))
	requireSteps(t, f, "command b NOOP|")
	_, err = f.ReadLine()
	require.ErrorIs(t, err, ErrLineTooLong)
	requireSteps(t, f, "command c NOOP|")
}

func TestFramerKnowsTLS(t *testing.T) {
	f := feedString(t, testLimits, "\x16\x03\x01\x02\x00\x01")
	requireSteps(t, f, "end: "+ErrTLSHello.Error())
}

func TestTagOf(t *testing.T) {
	for line, tag := range map[string]string{
		"A1 NOOP\r\n": "A1", "A1\r\n": "A1", "* OK": "", "+ x": "", "a+b x": "", "\x80 x": "", " x": "", "a{1}": "",
		strings.Repeat("t", 300) + " x": "",
	} {
		require.Equal(t, tag, tagOf([]byte(line)), line)
	}
}

func TestInputTimesOut(t *testing.T) {
	client, server := net.Pipe()
	defer client.Close()
	gone := make(chan struct{})
	in := NewInput(server, func() { close(gone) })
	in.SetTimeout(time.Millisecond)
	require.ErrorIs(t, in.Wait(nil), ErrIdle)
	in.SetDeadline(time.Now())
	require.ErrorIs(t, in.Wait(nil), ErrDeadline)
	in.SetDeadline(time.Time{})
	in.SetTimeout(0)
	stop := make(chan struct{})
	close(stop)
	require.ErrorIs(t, in.Wait(stop), ErrStopped)
	client.Close()
	<-gone
	require.ErrorIs(t, in.Wait(nil), io.EOF)
}

// What was sent before the end is served before the connection counts as gone.
func TestInputIsNotGoneWhileSomethingIsUnread(t *testing.T) {
	client, server := net.Pipe()
	gone := make(chan struct{})
	in := NewInput(server, func() { close(gone) })
	io.WriteString(client, "a NOOP\r\n")
	client.Close()
	<-in.stopped
	require.NoError(t, in.Wait(nil))
	require.True(t, in.HasLine())
	select {
	case <-gone:
		t.Fatal("gone with a command unread")
	default:
	}
	f := NewFramer(in, testLimits)
	requireSteps(t, f, "command a NOOP|")
	<-gone
}

func TestInputStopDropsWhatWasReadAhead(t *testing.T) {
	client, server := net.Pipe()
	in := NewInput(server, nil)
	io.WriteString(client, "a STARTTLS\r\nb LOGIN x y\r\n")
	f := NewFramer(in, testLimits)
	requireSteps(t, f, "command a STARTTLS|")
	require.Equal(t, len("b LOGIN x y\r\n"), in.Stop())
	require.Error(t, in.Wait(nil))

	go io.WriteString(client, "c NOOP\r\n")
	again := NewFramer(NewInput(server, nil), testLimits)
	requireSteps(t, again, "command c NOOP|")
}

func TestOutputCutsOffASlowReader(t *testing.T) {
	client, server := net.Pipe()
	defer client.Close()
	out := NewOutput(server, 10*time.Millisecond)
	go client.Read(make([]byte, 3))
	n, err := out.Write([]byte("hello"))
	require.Error(t, err)
	require.Equal(t, 3, n)
	require.EqualValues(t, 3, out.Written())
	_, again := out.Write([]byte("x"))
	require.Equal(t, err, again)
	require.Equal(t, err, out.Err())
}

// FuzzFramer holds that framing ends, stays within its limits and that good commands come out as they went in.
func FuzzFramer(f *testing.F) {
	for _, seed := range []string{
		"a NOOP\r\n", "a LOGIN {3}\r\nfoo {3+}\r\nbar\r\n", "\n\n\r\n", "a {4294967296+}\r\n", "a {99999}\r\nb NOOP\r\n",
		"a ~{3}\r\n\x00\x00\x00\r\n", "\x16\x03", "a {1+}\r\n\x00\r\nb NOOP\r\n", "a {01}\r\nx\n", "a {}\r\n{+}\r\n",
	} {
		f.Add([]byte(seed))
	}
	limits := Limits{Line: 64, Literals: 32, Count: 3, Discard: 1 << 12}
	f.Fuzz(func(t *testing.T, data []byte) {
		fr := feedString(t, limits, string(data))
		for {
			outcome, err := fr.Next()
			if err != nil {
				return
			}
			require.LessOrEqual(t, len(fr.Line()), limits.Line+1)
			require.LessOrEqual(t, len(fr.Literals()), limits.Count)
			switch outcome {
			case LiteralWanted:
				require.Less(t, len(fr.Prefix()), len(fr.Line()))
				if fr.Store() != nil {
					return
				}
			case Bad:
				require.Error(t, fr.Fault())
			case Complete:
				require.True(t, bytes.HasSuffix(fr.Line(), []byte("\r\n")))
				requireWithin(t, fr, limits)
			}
		}
	})
}

func requireWithin(t *testing.T, f *Framer, limits Limits) {
	var total int64
	for _, lit := range f.Literals() {
		require.EqualValues(t, lit.Size, len(lit.Data))
		total += lit.Size
	}
	require.LessOrEqual(t, total, limits.Literals)
}
