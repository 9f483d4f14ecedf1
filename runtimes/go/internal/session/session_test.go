package session

import (
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/identity"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/mcpserver"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

func newSession(t *testing.T) *Session {
	t.Helper()
	server, err := mcpserver.New(mcpserver.Options{Catalog: catalog.Empty(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	streams := stream.NewSet(stream.Limits{ReplayEvents: 10, ReplayBytes: 1000, BufferBytes: 1000})
	conn, err := server.Connect("", streams.Live())
	if err != nil {
		t.Fatal(err)
	}
	return &Session{ID: NewID(), Owner: "alice", ServerID: "server", Conn: conn, Streams: streams}
}

func create(t *testing.T, store *Store) *Session {
	t.Helper()
	session := newSession(t)
	if err := store.Create("alice", func() (*Session, error) { return session, nil }); err != nil {
		t.Fatal(err)
	}
	return session
}

func statusOf(err error) int {
	if refusal, ok := errors.AsType[*failure.Refusal](err); ok {
		return refusal.HTTPStatus()
	}
	return 0
}

func TestAnIdleSessionEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := NewStore(Limits{MaxSessions: 2, MaxSessionsPerCaller: 2, Idle: time.Minute})
		defer store.Close()
		used, read, idle := create(t, store), newSession(t), (*Session)(nil)
		if err := store.Create("alice", func() (*Session, error) { return read, nil }); err != nil {
			t.Fatal(err)
		}
		read.Streams.Live().Attach(stream.NewReader(10), stream.FromNow)
		for range 4 {
			time.Sleep(30 * time.Second)
			found, err := store.Find(used.ID)
			if err != nil {
				t.Fatal("a session in use has ended")
			}
			if err := found.Admit(identity.Caller{Owner: "alice"}, "server"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := store.Find(read.ID); err != nil {
			t.Error("a session whose live stream is read has ended")
		}
		idle = used
		time.Sleep(90 * time.Second)
		if _, err := store.Find(idle.ID); statusOf(err) != 404 {
			t.Errorf("an idle session: got %v, want a 404", err)
		}
	})
}

func TestARefusedCallIsNoUseOfASession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := NewStore(Limits{MaxSessions: 2, MaxSessionsPerCaller: 2, Idle: time.Minute})
		defer store.Close()
		session := create(t, store)
		for range 3 {
			time.Sleep(30 * time.Second)
			if found, err := store.Find(session.ID); err == nil && found.Admit(identity.Caller{Owner: "bob"}, "server") == nil {
				t.Fatal("another caller was admitted")
			}
		}
		if session.wasUsed.Load() {
			t.Error("the session counts as used")
		}
		if _, err := store.Find(session.ID); statusOf(err) != 404 {
			t.Errorf("got %v, want a 404, because the owner did not use the session", err)
		}
	})
}

func TestTheNumberOfSessionsIsLimited(t *testing.T) {
	store := NewStore(Limits{MaxSessions: 1, MaxSessionsPerCaller: 1, Idle: time.Minute})
	defer store.Close()
	first := create(t, store)
	full := store.Create("alice", func() (*Session, error) { t.Error("Create exceeded the limit"); return nil, nil })
	if statusOf(full) != 429 {
		t.Errorf("got %v, want a 429", full)
	}
	store.End(first)
	create(t, store)
}

func TestAFailedHandshakeReleasesItsRoom(t *testing.T) {
	store := NewStore(Limits{MaxSessions: 1, MaxSessionsPerCaller: 1, Idle: time.Minute})
	defer store.Close()
	failed := errors.New("failed")
	if err := store.Create("alice", func() (*Session, error) { return nil, failed }); !errors.Is(err, failed) {
		t.Errorf("got %v", err)
	}
	if err := store.Create("alice", func() (*Session, error) { return nil, nil }); err != nil {
		t.Errorf("got %v", err)
	}
	create(t, store)
}

func TestAClosedStoreHasNoSessions(t *testing.T) {
	store := NewStore(Limits{MaxSessions: 2, MaxSessionsPerCaller: 2, Idle: time.Minute})
	session := create(t, store)
	late := newSession(t)
	if err := store.Create("alice", func() (*Session, error) { store.Close(); return late, nil }); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{session.ID, late.ID} {
		if _, err := store.Find(id); statusOf(err) != 404 {
			t.Errorf("got %v, want a 404", err)
		}
	}
}

func TestOnlyTheOwnerIsAdmittedInTheSessionsScope(t *testing.T) {
	session := newSession(t)
	defer session.Close()
	anonymous := newSession(t)
	defer anonymous.Close()
	anonymous.Owner = ""
	for _, test := range []struct {
		session *Session
		owner   string
		server  string
		want    int
	}{
		{session, "alice", "server", 0},
		{session, "bob", "server", 403},
		{session, "", "server", 403},
		{session, "alice", "", 403},
		{session, "alice", "other", 403},
		{anonymous, "", "server", 0},
		{anonymous, "alice", "server", 403},
	} {
		if got := statusOf(test.session.Admit(identity.Caller{Owner: test.owner}, test.server)); got != test.want {
			t.Errorf("%q in a session of %q: got %d, want %d", test.owner, test.session.Owner, got, test.want)
		}
	}
}
