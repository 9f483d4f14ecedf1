package process

import (
	"errors"
)

// Sockets are the sockets of a runtime. The runtime does not serve a transport whose socket is nil.
type Sockets struct{ GRPC, HTTP *Socket }

// ListenAll listens on every path. If one fails, it releases the other, and fails with a SocketError.
func ListenAll(paths SocketPaths) (Sockets, error) {
	var sockets Sockets
	var err error
	if paths.GRPC != "" {
		if sockets.GRPC, err = Listen(paths.GRPC); err != nil {
			return Sockets{}, err
		}
	}
	if paths.HTTP != "" {
		if sockets.HTTP, err = Listen(paths.HTTP); err != nil {
			return Sockets{}, errors.Join(err, sockets.Release())
		}
	}
	return sockets, nil
}

// Release releases every socket.
func (s Sockets) Release() error {
	var failures []error
	for _, socket := range []*Socket{s.GRPC, s.HTTP} {
		if socket != nil {
			failures = append(failures, socket.Release())
		}
	}
	return errors.Join(failures...)
}
