package grpcserver

import (
	"net"
	"sync"
)

// connections tracks the open connections of a server, including those in their HTTP/2 handshake.
type connections struct{ open sync.Map }

// close closes every open connection.
func (c *connections) close() {
	c.open.Range(func(conn, _ any) bool {
		conn.(net.Conn).Close()
		return true
	})
}

type trackingListener struct {
	net.Listener
	connections *connections
}

func (l trackingListener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	conn := &trackedConn{newClientFrames(accepted), l.connections}
	l.connections.open.Store(conn, nil)
	return conn, nil
}

type trackedConn struct {
	net.Conn
	connections *connections
}

func (c *trackedConn) Close() error {
	c.connections.open.Delete(c)
	return c.Conn.Close()
}
