package process

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestASocketIsReleasedIfTheOtherIsUnavailable(t *testing.T) {
	paths := SocketPaths{GRPC: socketPath(t)}
	paths.HTTP = filepath.Join(filepath.Dir(paths.GRPC), "http")
	if err := os.WriteFile(paths.HTTP, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := ListenAll(paths)
	if _, ok := errors.AsType[*SocketError](err); !ok {
		t.Errorf("got %v", err)
	}
	if _, err := os.Lstat(paths.GRPC); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the first socket still exists: %v", err)
	}
	if err := os.Remove(paths.HTTP); err != nil {
		t.Fatal(err)
	}
	sockets, err := ListenAll(paths)
	if err != nil || !isServed(paths.GRPC) || !isServed(paths.HTTP) {
		t.Fatalf("got %v", err)
	}
	if err := sockets.Release(); err != nil || isServed(paths.GRPC) || isServed(paths.HTTP) {
		t.Errorf("the sockets are still served: %v", err)
	}
}

func TestOnlyConfiguredSocketsAreOpened(t *testing.T) {
	path := socketPath(t)
	sockets, err := ListenAll(SocketPaths{HTTP: path})
	if err != nil || sockets.GRPC != nil || !isServed(path) {
		t.Fatalf("got %+v, %v", sockets, err)
	}
	if err := sockets.Release(); err != nil {
		t.Error(err)
	}
}
