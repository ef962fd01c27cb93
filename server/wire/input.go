package wire

import (
	"bytes"
	"net"
	"sync"
	"time"
)

// inputSize is how many octets are read ahead of the command that runs: enough for a burst of pipelined
// commands, and one TLS record.
const inputSize = 16 << 10

// Input reads a connection ahead into a buffer of fixed size. Its methods are for one goroutine.
type Input struct {
	src  net.Conn
	gone func()

	timeout  time.Duration
	deadline time.Time
	stop     <-chan struct{}
	timer    *time.Timer

	mu           sync.Mutex
	ring         []byte
	start, count int
	err          error

	arrived chan struct{} // something was read, or the end came
	freed   chan struct{} // there is room again
	quit    chan struct{}
	stopped chan struct{}
	once    sync.Once
}

// NewInput starts to read src. When the client has gone and all that it sent has been taken, gone is called once,
// from any goroutine; it may be nil.
func NewInput(src net.Conn, gone func()) *Input {
	in := &Input{
		src:     src,
		gone:    gone,
		ring:    make([]byte, inputSize),
		arrived: make(chan struct{}, 1),
		freed:   make(chan struct{}, 1),
		quit:    make(chan struct{}),
		stopped: make(chan struct{}),
	}
	go in.pump()
	return in
}

// SetTimeout bounds how long one wait for octets may last; 0 means for ever.
func (in *Input) SetTimeout(d time.Duration) { in.timeout = d }

// SetDeadline sets when reading fails whatever the client sends; the zero time means never.
func (in *Input) SetDeadline(t time.Time) { in.deadline = t }

// SetStop lets reading fail with ErrStopped once stop is closed; nil means never.
func (in *Input) SetStop(stop <-chan struct{}) { in.stop = stop }

// Stop ends the reading and drops what was read ahead; it returns how many octets that was. The connection stays open.
func (in *Input) Stop() int {
	in.once.Do(func() { close(in.quit) })
	_ = in.src.SetReadDeadline(time.Unix(1, 0))
	<-in.stopped
	_ = in.src.SetReadDeadline(time.Time{})
	in.mu.Lock()
	defer in.mu.Unlock()
	dropped := in.count
	in.count = 0
	if in.err == nil {
		in.err = net.ErrClosed
	}
	return dropped
}

// Arrived signals that octets came or that the connection ended, at least once after each such event.
func (in *Input) Arrived() <-chan struct{} { return in.arrived }

// HasLine tells whether reading a line would not wait.
func (in *Input) HasLine() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.err != nil || in.count == len(in.ring) {
		return true
	}
	first := in.first()
	return bytes.IndexByte(first, '\n') >= 0 || bytes.IndexByte(in.ring[:in.count-len(first)], '\n') >= 0
}

// Wait returns nil when there are octets to read, and an error when the connection ended, a time limit has passed
// or stop is closed.
func (in *Input) Wait(stop <-chan struct{}) error {
	for {
		select {
		case <-stop:
			return ErrStopped
		default:
		}
		ready, err := in.state()
		if ready || err != nil {
			return err
		}
		if err := in.sleep(stop); err != nil {
			return err
		}
	}
}

// peek waits for octets and returns those that lie together. They stay until skip.
func (in *Input) peek() ([]byte, error) {
	if err := in.Wait(in.stop); err != nil {
		return nil, err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.first(), nil
}

// skip takes n octets that peek has shown.
func (in *Input) skip(n int) {
	in.mu.Lock()
	in.start = (in.start + n) % len(in.ring)
	in.count -= n
	ended := in.count == 0 && in.err != nil
	in.mu.Unlock()
	signal(in.freed)
	if ended {
		in.leave()
	}
}

func (in *Input) first() []byte {
	end := min(in.start+in.count, len(in.ring))
	return in.ring[in.start:end]
}

func (in *Input) state() (ready bool, err error) {
	if !in.deadline.IsZero() && !time.Now().Before(in.deadline) {
		return false, ErrDeadline
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.count > 0 {
		return true, nil
	}
	return false, in.err
}

func (in *Input) sleep(stop <-chan struct{}) error {
	expired, late := in.alarm()
	select {
	case <-in.arrived:
		return nil
	case <-stop:
		return ErrStopped
	case <-expired:
		return late
	}
}

// alarm arms the timer for whichever limit comes first and gives the error that it stands for.
func (in *Input) alarm() (<-chan time.Time, error) {
	wait, late := in.timeout, ErrIdle
	if !in.deadline.IsZero() {
		if left := time.Until(in.deadline); wait == 0 || left < wait {
			wait, late = max(left, 1), ErrDeadline
		}
	}
	if wait == 0 {
		return nil, nil
	}
	if in.timer == nil {
		in.timer = time.NewTimer(wait)
	} else {
		in.timer.Reset(wait)
	}
	return in.timer.C, late
}

func (in *Input) pump() {
	defer close(in.stopped)
	for {
		room := in.room()
		if room == nil {
			return
		}
		n, err := in.src.Read(room)
		if in.filled(n, err) {
			return
		}
	}
}

// room waits for free space and returns a part of it that lies together; nil after Stop.
func (in *Input) room() []byte {
	for {
		select {
		case <-in.quit:
			return nil
		default:
		}
		in.mu.Lock()
		end := in.start + in.count
		if in.count == 0 {
			in.start, end = 0, 0
		}
		free := in.ring[end%len(in.ring):]
		if end >= len(in.ring) {
			free = in.ring[end-len(in.ring) : in.start]
		}
		in.mu.Unlock()
		if len(free) > 0 {
			return free
		}
		select {
		case <-in.freed:
		case <-in.quit:
			return nil
		}
	}
}

// filled records a read; it tells whether it was the last.
func (in *Input) filled(n int, err error) (last bool) {
	in.mu.Lock()
	in.count += n
	in.err = err
	ended := in.count == 0 && err != nil
	in.mu.Unlock()
	signal(in.arrived)
	if ended {
		in.leave()
	}
	return err != nil
}

func (in *Input) leave() {
	select {
	case <-in.quit: // stopped on purpose
	default:
		if in.gone != nil {
			in.gone()
		}
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
