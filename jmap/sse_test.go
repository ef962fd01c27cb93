package jmap

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
)

func readEvents(r *eventReader) (events []rawEvent, err error) {
	for {
		event, err := r.next()
		if err != nil {
			return events, err
		}
		events = append(events, event)
	}
}

func TestEventReader(t *testing.T) {
	const stream = "\uFEFF: a comment\nevent: state\ndata: {\"a\":1}\nid: 7\n\n" +
		"data: one\r\ndata:two\r\ndata\r\n\r\n" + // CR LF, no space, no colon
		"event: ping\rdata: x\r\r" + // CR
		"event: no data\n\n" + "id\nretry: 1500\nretry: x\nid: a\x00b\nunknown: y\n\n" +
		"data:  two spaces\n\n" + "data: cut off"
	want := []rawEvent{
		{kind: "state", data: []byte(`{"a":1}`), id: "7"},
		{kind: "message", data: []byte("one\ntwo\n"), id: "7"},
		{kind: "ping", data: []byte("x"), id: "7"},
		{kind: "message", data: []byte(" two spaces"), id: ""},
	}
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"whole":      func(r io.Reader) io.Reader { return r },
		"in octets":  iotest.OneByteReader,
		"data + EOF": iotest.DataErrReader,
	} {
		t.Run(name, func(t *testing.T) {
			r := newEventReader(wrap(strings.NewReader(stream)))
			events, err := readEvents(r)
			require.Equal(t, io.EOF, err)
			require.Equal(t, want, events)
			require.Equal(t, 1500*time.Millisecond, r.retry)
		})
	}
}

// A stream whose lines end in CR must not make the reader wait for an octet after the event.
func TestEventReaderDoesNotWait(t *testing.T) {
	pipe, feed := io.Pipe()
	defer feed.Close()
	go io.WriteString(feed, "data: now\r\r")
	event, err := newEventReader(pipe).next()
	require.NoError(t, err)
	require.Equal(t, "now", string(event.data))
}

func TestEventReaderIsBounded(t *testing.T) {
	for piece, want := range map[string]error{"x": errEventTooLong, "data: x\n": errEventTooLong, ": alive\n": io.EOF} {
		_, err := newEventReader(strings.NewReader(strings.Repeat(piece, maxEvent+1))).next()
		require.ErrorIs(t, err, want, piece)
	}
}

func FuzzEventReader(f *testing.F) {
	f.Add("event: state\ndata: {\"@type\":\"StateChange\",\"changed\":{}}\nid: 1\n\n")
	f.Add("\uFEFF:\r\rdata\r\n\n\nretry: 10\n")
	f.Fuzz(func(t *testing.T, stream string) {
		whole := newEventReader(strings.NewReader(stream))
		events, err := readEvents(whole)
		require.Equal(t, io.EOF, err)
		cut, err := readEvents(newEventReader(iotest.OneByteReader(strings.NewReader(stream))))
		require.Equal(t, io.EOF, err)
		require.Equal(t, events, cut)

		// What was read, written again in the plainest form, reads the same.
		var plain strings.Builder
		for _, event := range events {
			plain.WriteString("event: " + event.kind + "\nid: " + event.id + "\n")
			for line := range strings.SplitSeq(string(event.data), "\n") {
				plain.WriteString("data: " + line + "\n")
			}
			plain.WriteString("\n")
			stateEvent(event)
		}
		again, err := readEvents(newEventReader(strings.NewReader(plain.String())))
		require.Equal(t, io.EOF, err)
		require.Equal(t, events, again)
	})
}
