package grpcserver

import (
	"maps"
	"net"
	"slices"
	"sync"
)

// connections are the open connections of a server, from the moment it accepts them.
type connections struct {
	mu   sync.Mutex
	open map[*trackedConn]struct{}
}

func (c *connections) add(conn *trackedConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		c.open = map[*trackedConn]struct{}{}
	}
	c.open[conn] = struct{}{}
}

func (c *connections) remove(conn *trackedConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.open, conn)
}

// close closes every open connection.
func (c *connections) close() {
	c.mu.Lock()
	open := slices.Collect(maps.Keys(c.open))
	c.mu.Unlock()
	for _, conn := range open {
		conn.Close()
	}
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
	conn := &trackedConn{accepted, l.connections}
	l.connections.add(conn)
	return conn, nil
}

type trackedConn struct {
	net.Conn
	connections *connections
}

func (c *trackedConn) Close() error {
	c.connections.remove(c)
	return c.Conn.Close()
}
