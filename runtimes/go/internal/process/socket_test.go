package process

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func listenAt(t *testing.T, path string) *Socket {
	t.Helper()
	socket, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	return socket
}

// socketPath returns a path in a new folder. t.TempDir may return longer paths than a socket allows.
func socketPath(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "mcp")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	return filepath.Join(folder, "s")
}

func isServed(path string) bool {
	connection, err := net.Dial("unix", path)
	if err != nil {
		return false
	}
	connection.Close()
	return true
}

func TestASocketIsPrivateAndRemovedOnRelease(t *testing.T) {
	path := socketPath(t)
	socket := listenAt(t, path)
	file, err := os.Lstat(path)
	if err != nil || file.Mode() != os.ModeSocket|0o600 {
		t.Fatalf("got %v, %v", file.Mode(), err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("the folder contains %d other files", len(entries)-1)
	}
	if err := socket.Release(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket file still exists: %v", err)
	}
}

func TestAStaleSocketIsReplaced(t *testing.T) {
	path := socketPath(t)
	stale := listenAt(t, path)
	stale.Close()
	if isServed(path) {
		t.Fatal("the socket is not stale")
	}
	listenAt(t, path)
	if !isServed(path) {
		t.Error("the socket is not served")
	}
}

func TestListenReplacesOnlyStaleSockets(t *testing.T) {
	for name, test := range map[string]struct {
		put  func(path string) error
		want string
	}{
		"a file":   {func(path string) error { return os.WriteFile(path, []byte("x"), 0o644) }, "is not a socket"},
		"a folder": {func(path string) error { return os.Mkdir(path, 0o755) }, "is not a socket"},
		"a link":   {func(path string) error { return os.Symlink("nowhere", path) }, "is not a socket"},
		"a socket in use": {func(path string) error {
			_, err := Listen(path)
			return err
		}, "another process listens"},
	} {
		t.Run(name, func(t *testing.T) {
			path := socketPath(t)
			if err := test.put(path); err != nil {
				t.Fatal(err)
			}
			before, _ := os.Lstat(path)
			_, err := Listen(path)
			after, _ := os.Lstat(path)
			if _, ok := errors.AsType[*SocketError](err); !ok || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v", err)
			}
			if !os.SameFile(before, after) {
				t.Error("Listen replaced the file")
			}
		})
	}
}

func TestListenFails(t *testing.T) {
	for _, path := range []string{
		"/" + strings.Repeat("x", 107),
		filepath.Join(filepath.Dir(socketPath(t)), "missing", "s"),
		"/proc/s",
	} {
		if _, err := Listen(path); err == nil || strings.Count(err.Error(), "\n") > 0 {
			t.Errorf("%s: got %v", path, err)
		}
	}
}

func TestReleaseLeavesAnotherSocketAlone(t *testing.T) {
	path := socketPath(t)
	first := listenAt(t, path)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	listenAt(t, path)
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	if !isServed(path) {
		t.Error("Release removed the other socket")
	}
}
