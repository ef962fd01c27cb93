package transcript

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"strings"
)

// Target is the server that transcripts are run against.
type Target interface {
	// Dial opens a client connection.
	Dial(ctx context.Context) (net.Conn, error)
	// Requests lists the JMAP requests that IMAP commands have caused since the
	// last call, each as its method names joined by blanks; ok is false where
	// that cannot be known.
	Requests() (requests []string, ok bool)
}

// A Mismatch says where a run departed from its transcript.
type Mismatch struct {
	File      string
	Line      int
	Want, Got []string
}

func (m *Mismatch) Error() string {
	return fmt.Sprintf("%s:%d:\n  expected\n%s\n  came\n%s", m.File, m.Line, indent(m.Want), indent(m.Got))
}

// run is one run of a transcript.
type run struct {
	file   *File
	target Target
	peers  map[int]*peer
	vars   variables
	update bool
	out    []line
}

// Check runs the transcript and compares; a difference is a *Mismatch.
func (f *File) Check(ctx context.Context, target Target) error {
	_, err := f.play(ctx, target, false)
	return err
}

// Update runs the transcript and rewrites its file where the answers differ. It
// tells whether it did.
func (f *File) Update(ctx context.Context, target Target) (bool, error) {
	lines, err := f.play(ctx, target, true)
	if err != nil {
		return false, err
	}
	before := f.format()
	f.lines = lines
	after := f.format()
	if bytes.Equal(before, after) {
		return false, nil
	}
	return true, os.WriteFile(f.Name, after, 0o644)
}

func (f *File) play(ctx context.Context, target Target, update bool) ([]line, error) {
	r := &run{file: f, target: target, peers: map[int]*peer{}, vars: variables{}, update: update}
	defer func() {
		for _, p := range r.peers {
			p.conn.Close()
		}
	}()
	target.Requests()
	for rest := f.lines; len(rest) > 0; {
		n, err := r.step(ctx, rest)
		if err != nil {
			return nil, err
		}
		rest = rest[n:]
	}
	return r.out, nil
}

// step plays the lines up to the next change of direction and returns how many.
func (r *run) step(ctx context.Context, lines []line) (int, error) {
	first := lines[0]
	switch first.kind {
	case remark:
		r.out = append(r.out, first)
		return 1, nil
	case jmapRequest:
		return 0, r.fault(first, fmt.Errorf("a J: line has to follow the answer to a command"))
	}
	p, err := r.peer(ctx, first)
	if err != nil {
		return 0, r.fault(first, err)
	}
	switch first.kind {
	case startTLS:
		r.out = append(r.out, first)
		return 1, r.fault(first, p.startTLS())
	case server:
		return r.unsolicited(p, lines)
	default:
		return r.exchange(p, lines)
	}
}

// peer is the connection that the line belongs to. Where the transcript does
// not show the greeting it is read and passed over.
func (r *run) peer(ctx context.Context, l line) (*peer, error) {
	if p := r.peers[l.conn]; p != nil {
		return p, nil
	}
	p, err := dial(ctx, r.target)
	if err != nil {
		return nil, err
	}
	r.peers[l.conn] = p
	if l.kind != server {
		_, err = p.response()
	}
	return p, err
}

// unsolicited awaits the S: lines of a connection that has sent nothing.
func (r *run) unsolicited(p *peer, lines []line) (int, error) {
	want, n := follow(lines, server, lines[0].conn)
	var got []string
	for len(got) < len(want) {
		response, err := p.response()
		got = append(got, response...)
		if err != nil {
			return 0, r.mismatch(lines[0], want, got, err)
		}
	}
	return n, r.compare(lines[0], server, want, got)
}

// exchange sends the C: lines, reads the answers and looks at the requests.
func (r *run) exchange(p *peer, lines []line) (int, error) {
	conn := lines[0].conn
	n := 0
	for n < len(lines) && lines[n].kind == client && lines[n].conn == conn {
		if err := p.send(lines[n].text, r.file.Entries); err != nil {
			return 0, r.fault(lines[n], err)
		}
		r.out = append(r.out, lines[n])
		n++
	}
	want, shown := follow(lines[n:], server, conn)
	at := lines[n-1]
	n += shown
	got, err := p.answers()
	for err == nil && len(p.pending) > 0 && p.literal == 0 && !p.waiting {
		var more []string
		more, err = p.answers()
		got = append(got, more...)
	}
	for err == nil && p.waiting && len(got) < len(want) { // what comes while IDLE waits
		var more []string
		more, err = p.response()
		got = append(got, more...)
	}
	if err != nil {
		return 0, r.mismatch(at, want, got, err)
	}
	if err := r.compare(lineOf(at, conn), server, want, got); err != nil {
		return 0, err
	}
	wantRequests, shown := follow(lines[n:], jmapRequest, 0)
	requests, known := r.target.Requests()
	if !known {
		requests = wantRequests
	}
	return n + shown, r.compare(lineOf(at, 0), jmapRequest, wantRequests, requests)
}

func lineOf(at line, conn int) line {
	at.conn = conn
	return at
}

// follow collects the texts of the lines of one kind that come next.
func follow(lines []line, k kind, conn int) ([]string, int) {
	var texts []string
	n := 0
	for n < len(lines) && lines[n].kind == k && lines[n].conn == conn {
		texts = append(texts, lines[n].text)
		n++
	}
	return texts, n
}

// compare holds what came against what was expected; when updating it writes
// what came instead, save for lines that still fit.
func (r *run) compare(at line, k kind, want, got []string) error {
	if !r.update {
		if !r.vars.matchAll(want, got) {
			return r.mismatch(at, want, got, nil)
		}
		return nil
	}
	for i, text := range got {
		switch {
		case i < len(want) && r.vars.match(want[i], text):
			text = want[i]
		case k == server:
			text = r.vars.generalise(text)
		}
		r.out = append(r.out, line{kind: k, conn: at.conn, text: text})
	}
	return nil
}

func (r *run) mismatch(at line, want, got []string, err error) error {
	m := &Mismatch{File: r.file.Name, Line: at.number, Want: want, Got: got}
	if err != nil {
		return fmt.Errorf("%w\n  %w", m, err)
	}
	return m
}

func (r *run) fault(at line, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s:%d: %s: %w", r.file.Name, at.number, strings.TrimSpace(at.String()), err)
}
