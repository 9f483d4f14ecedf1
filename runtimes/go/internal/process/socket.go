// Package process connects a runtime to its process: the sockets, the environment, and the health probe.
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
	// maxSocketPath is the length limit of a Unix domain socket path, in bytes.
	maxSocketPath = 107
	probeTimeout  = 2 * time.Second
	// ownerOnly is a umask that denies access to other users.
	ownerOnly = 0o177
)

// SocketError is the reason that the runtime cannot listen on a socket. Its one-line message suggests a remedy.
type SocketError struct{ message string }

func (e *SocketError) Error() string { return e.message }

func unavailable(format string, values ...any) error {
	return &SocketError{fmt.Sprintf(format, values...)}
}

// Socket is a Unix domain socket on which this process listens.
type Socket struct {
	net.Listener
	path string
	file fs.FileInfo
}

// Listen listens on a path. The socket file has mode 0600 from the start (LIFE-7), and replaces a stale socket
// (LIFE-4). Listen fails with a SocketError if the path is too long, another process listens on it (LIFE-5), the
// existing file is not a socket (LIFE-6), or the bind fails.
func Listen(path string) (*Socket, error) {
	if len(path) > maxSocketPath {
		return nil, unavailable("the socket path has %d bytes, but the limit is %d: choose a shorter path", len(path), maxSocketPath)
	}
	// If another process binds the path concurrently, check the path again.
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
	return nil, unavailable("another process uses %s: stop it or choose another path", path)
}

// Path returns the path of the socket file.
func (s *Socket) Path() string { return s.path }

// Release removes the socket file, unless another socket has replaced it, and stops accepting connections (LIFE-8).
func (s *Socket) Release() error {
	if found, err := os.Lstat(s.path); err == nil && os.SameFile(found, s.file) {
		if err := os.Remove(s.path); err != nil {
			return err
		}
	}
	return s.Close()
}

// removeStale removes the socket file if no process listens on it. It never removes other files (LIFE-4 to -6).
func removeStale(path string) error {
	found, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return unavailable("cannot access %s: %v", path, reason(err))
	case found.Mode().Type() != fs.ModeSocket:
		return unavailable("%s is not a socket: remove it or choose another path", path)
	case isListenedOn(path):
		return unavailable("another process listens on %s: stop it or choose another path", path)
	}
	if current, err := os.Lstat(path); err != nil || !os.SameFile(current, found) {
		return nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unavailable("cannot remove %s: %v", path, reason(err))
	}
	return nil
}

// isListenedOn reports whether a process listens on a socket. A timeout counts as true.
func isListenedOn(path string) bool {
	connection, err := net.DialTimeout("unix", path, probeTimeout)
	if err == nil {
		connection.Close()
		return true
	}
	return !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, fs.ErrNotExist)
}

// bind binds a temporary path in the same folder, then publishes it at path. It fails if path exists.
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
	mask := syscall.Umask(ownerOnly)
	defer syscall.Umask(mask)
	return net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
}

// publish moves a socket to its path without replacing another file. It renames the socket if the file system does not
// support hard links.
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

// reason returns the system error inside an error, without the paths in its message.
func reason(err error) error {
	if number, ok := errors.AsType[syscall.Errno](err); ok {
		return number
	}
	return err
}
