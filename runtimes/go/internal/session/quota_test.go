package session

import (
	"testing"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/identity"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

func createFor(t *testing.T, store *Store, owner string) (*Session, error) {
	t.Helper()
	session := newSession(t)
	session.Owner = owner
	return session, store.Create(owner, func() (*Session, error) { return session, nil })
}

func TestACallerHasAQuota(t *testing.T) {
	store := NewStore(Limits{MaxSessions: 10, MaxSessionsPerCaller: 2, Idle: time.Minute})
	defer store.Close()
	for range 2 {
		if _, err := createFor(t, store, "ann"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := createFor(t, store, "ann"); statusOf(err) != 429 {
		t.Errorf("got %v, want a 429", err)
	}
	if _, err := createFor(t, store, "bob"); err != nil {
		t.Errorf("another caller: %v", err)
	}
	for range 9 - 3 {
		if _, err := createFor(t, store, ""); err != nil {
			t.Errorf("an anonymous caller: %v", err)
		}
	}
}

func TestAnonymousCallersLeaveRoom(t *testing.T) {
	store := NewStore(Limits{MaxSessions: 10, MaxSessionsPerCaller: 2, Idle: time.Minute})
	defer store.Close()
	for range 9 {
		if _, err := createFor(t, store, ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := createFor(t, store, ""); statusOf(err) != 429 {
		t.Errorf("got %v, want a 429", err)
	}
	if _, err := createFor(t, store, "ann"); err != nil {
		t.Error(err)
	}
}

func TestAFullStoreEndsUnusedSessionsOfTheCallerWithMost(t *testing.T) {
	store := NewStore(Limits{MaxSessions: 5, MaxSessionsPerCaller: 5, Idle: time.Minute})
	defer store.Close()
	sessions := make([]*Session, 4)
	for i := range sessions {
		sessions[i], _ = createFor(t, store, "ann")
	}
	busy, recent, old, unused := sessions[0], sessions[1], sessions[2], sessions[3]
	busy.Streams.Live().Attach(stream.NewReader(10), stream.FromNow)
	for _, used := range []*Session{busy, old, recent} {
		if err := used.Admit(identity.Caller{Owner: "ann"}, used.ServerID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := createFor(t, store, "bob"); err != nil {
		t.Fatal(err)
	}
	for i, ended := range []*Session{unused, old} {
		if _, err := createFor(t, store, []string{"eve", "dan"}[i]); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Find(ended.ID); statusOf(err) != 404 {
			t.Errorf("session %d: got %v, want a 404", i, err)
		}
	}
	if _, err := createFor(t, store, "ned"); err != nil {
		t.Error(err)
	}
	if _, err := createFor(t, store, "pat"); statusOf(err) != 429 {
		t.Errorf("the last session of a caller has ended: got %v", err)
	}
	if _, err := store.Find(busy.ID); err != nil {
		t.Error("a session in use has ended")
	}
}
