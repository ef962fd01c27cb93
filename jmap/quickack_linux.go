package jmap

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// quickAck makes conn acknowledge at once what it receives. Servers that write header and body apart without
// TCP_NODELAY otherwise wait 40 ms for the acknowledgement of the first part. Linux forgets the setting now
// and then, hence it is renewed after each read and write.
func quickAck(conn net.Conn) net.Conn {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return conn
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return conn
	}
	return &quickAckConn{TCPConn: tcp, raw: raw}
}

type quickAckConn struct {
	*net.TCPConn
	raw syscall.RawConn
}

func (c *quickAckConn) Read(p []byte) (int, error) {
	n, err := c.TCPConn.Read(p)
	c.rearm()
	return n, err
}

func (c *quickAckConn) Write(p []byte) (int, error) {
	n, err := c.TCPConn.Write(p)
	c.rearm()
	return n, err
}

// rearm ignores failures: without the option the connection is slower, not wrong.
func (c *quickAckConn) rearm() {
	_ = c.raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1)
	})
}
