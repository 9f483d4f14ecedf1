// Package process is what a runtime has to do with its surroundings: the socket, the environment, the log.
package process

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	// maxSocketPath is the longest path that a Unix domain socket can have, in bytes.
	maxSocketPath = 107
	probeTimeout  = 2 * time.Second
	ownerAlone    = 0o177
)

// SocketError says in one line why the socket cannot be had, and what to do.
type SocketError struct{ message string }

func (e *SocketError) Error() string { return e.message }

func unavailable(format string, values ...any) error {
	return &SocketError{fmt.Sprintf(format, values...)}
}

// Socket is a socket that this process listens on.
type Socket struct {
	net.Listener
	path string
	file fs.FileInfo
}

// Listen takes a path and listens on it, with mode 0600 from the first moment on (LIFE-7). A socket that nobody listens on
// is replaced (LIFE-4). It fails with a SocketError where the path is too long, another process listens on it (LIFE-5), it
// is no socket (LIFE-6), or binding fails.
func Listen(path string) (*Socket, error) {
	if len(path) > maxSocketPath {
		return nil, unavailable("the socket path has %d bytes, %d are possible: choose a shorter one", len(path), maxSocketPath)
	}
	// Another process may do the same at the same time: the path is looked at again where it was taken meanwhile.
	for range 3 {
		if err := removeStale(path); err != nil {
			return nil, err
		}
		socket, err := bind(path)
		if err == nil {
			return socket, nil
		}
		if !errors.Is(err, fs.ErrExist) && !errors.Is(err, syscall.EADDRINUSE) {
			return nil, unavailable("cannot listen on %s: %v", path, reason(err))
		}
	}
	return nil, unavailable("another process took %s: stop it or choose another path", path)
}

// Path is where the socket's file is.
func (s *Socket) Path() string { return s.path }

// Release removes the socket file, unless it has become another one (LIFE-8), and stops accepting connections.
func (s *Socket) Release() error {
	if found, err := os.Lstat(s.path); err == nil && os.SameFile(found, s.file) {
		if err := os.Remove(s.path); err != nil {
			return err
		}
	}
	return s.Close()
}

// removeStale removes a socket file that nobody listens on, and leaves everything else (LIFE-4 to -6).
func removeStale(path string) error {
	found, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return unavailable("cannot look at %s: %v", path, reason(err))
	case found.Mode().Type() != fs.ModeSocket:
		return unavailable("%s is not a socket: remove it or choose another path", path)
	case isListenedOn(path):
		return unavailable("another process listens on %s: stop it or choose another path", path)
	}
	if still, err := os.Lstat(path); err != nil || !os.SameFile(still, found) {
		return nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unavailable("cannot remove %s: %v", path, reason(err))
	}
	return nil
}

// isListenedOn counts a socket that does not answer in time as one that somebody listens on.
func isListenedOn(path string) bool {
	connection, err := net.DialTimeout("unix", path, probeTimeout)
	if err == nil {
		connection.Close()
		return true
	}
	return !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, fs.ErrNotExist)
}

// bind binds under a temporary name beside the path and then takes the path itself in one step, which fails where
// something has come to be there.
func bind(path string) (*Socket, error) {
	temporary := filepath.Join(filepath.Dir(path), "."+rand.Text()[:6])
	if len(temporary) > maxSocketPath {
		temporary = path
	}
	listener, err := listen(temporary)
	if err != nil {
		return nil, err
	}
	listener.SetUnlinkOnClose(false)
	if temporary != path {
		if err := publish(temporary, path); err != nil {
			return nil, errors.Join(err, listener.Close(), os.Remove(temporary))
		}
	}
	file, err := os.Lstat(path)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return &Socket{Listener: listener, path: path, file: file}, nil
}

func listen(path string) (*net.UnixListener, error) {
	mask := syscall.Umask(ownerAlone)
	defer syscall.Umask(mask)
	return net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
}

// publish gives the socket its real name; where links are not possible, by renaming.
func publish(temporary, path string) error {
	err := os.Link(temporary, path)
	if err == nil {
		return os.Remove(temporary)
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, taken := os.Lstat(path); taken == nil {
		return fs.ErrExist
	}
	return os.Rename(temporary, path)
}

// reason is the system's own word for an error, without the paths around it.
func reason(err error) error {
	if number, ok := errors.AsType[syscall.Errno](err); ok {
		return number
	}
	return err
}
