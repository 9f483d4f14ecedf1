// Package session manages the sessions of a runtime. Each has an owner, a scope, an MCP connection and its streams.
package session

import (
	"crypto/rand"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/identity"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/mcpserver"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

// Session is an MCP session.
type Session struct {
	ID string
	// Owner is the email of the caller that created the session, or "" for an anonymous caller (AUTH-2, AUTH-6).
	Owner string
	// ServerID is the virtual server of the session, or "" (SESSION-5).
	ServerID string
	Conn     *mcpserver.Conn
	Streams  *stream.Set

	// lastUsed is the time of the last use, in nanoseconds since started.
	lastUsed atomic.Int64
	// wasUsed reports whether a call has used the session since its handshake.
	wasUsed atomic.Bool
}

// NewID returns a new session id: at least 128 random bits in visible ASCII (SESSION-1).
func NewID() string { return rand.Text() }

// Admit fails with a 403 unless the caller owns the session (AUTH-2, AUTH-3) and the call is in the session's scope
// (SESSION-5). A known caller does not own an anonymous session (AUTH-6). Only an admitted call counts as use of the
// session, because a refused call must not change anything.
func (s *Session) Admit(caller identity.Caller, serverID string) error {
	if caller.Owner != s.Owner {
		return failure.Refuse(failure.PermissionDenied, "not_the_owner", "The session belongs to another caller")
	}
	if serverID != s.ServerID {
		return failure.Refuse(failure.PermissionDenied, "other_scope", "The session was created for another server_id")
	}
	s.used()
	s.wasUsed.Store(true)
	return nil
}

// Close ends the requests and streams of the session (SESSION-8).
func (s *Session) Close() {
	s.Conn.Close()
	s.Streams.End()
}

// busy reports whether the session has a request in flight or a reader of its live stream.
func (s *Session) busy() bool { return s.Conn.InFlight() > 0 || s.Streams.Live().HasReader() }

func (s *Session) used() { s.lastUsed.Store(int64(time.Since(started))) }

func (s *Session) idleFor() time.Duration {
	return time.Since(started) - time.Duration(s.lastUsed.Load())
}

var started = time.Now()

// Limits are the limits of a store (SESSION-10).
type Limits struct {
	MaxSessions int
	// MaxSessionsPerCaller limits the sessions of a caller with an identity (SESSION-11).
	MaxSessionsPerCaller int
	// Idle is the time after which an unused session ends.
	Idle time.Duration
}

// Store contains the sessions of a runtime. All connections share it.
type Store struct {
	limits Limits
	stop   chan struct{}
	swept  sync.WaitGroup

	mu       sync.Mutex
	sessions map[string]*Session
	quota    *quota
	closed   bool
}

// NewStore returns a store that ends idle sessions until it is closed.
func NewStore(limits Limits) *Store {
	store := &Store{limits: limits, stop: make(chan struct{}), sessions: map[string]*Session{}, quota: newQuota(limits)}
	store.swept.Go(store.sweep)
	return store
}

// Create adds the session that make returns for an owner, unless make returns nil (INIT-4). It fails with a 429 if the
// store is full or the owner has too many sessions, or with the error from make.
func (s *Store) Create(owner string, make func() (*Session, error)) error {
	if err := s.reserve(owner); err != nil {
		return err
	}
	session, err := make()
	s.mu.Lock()
	s.quota.release(owner)
	late := s.closed
	if session != nil && !late {
		session.used()
		s.sessions[session.ID] = session
		s.quota.add(session)
	}
	s.mu.Unlock()
	if session != nil && late {
		session.Close()
	}
	return err
}

func (s *Store) reserve(owner string) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return failure.Refuse(failure.RateLimited, "too_many_sessions", "The runtime is stopping")
	}
	spare, err := s.quota.makeRoom(owner)
	if err == nil {
		s.quota.reserve(owner)
	}
	if spare != nil {
		s.forget(spare)
	}
	s.mu.Unlock()
	if spare != nil {
		spare.Close()
	}
	return err
}

// forget removes a session. Callers must hold the mutex.
func (s *Store) forget(session *Session) {
	delete(s.sessions, session.ID)
	s.quota.remove(session)
}

// Find returns the session with an id. It fails with a 404 if the session does not exist (SESSION-2).
func (s *Store) Find(id string) (*Session, error) {
	s.mu.Lock()
	session := s.sessions[id]
	s.mu.Unlock()
	if session == nil {
		return nil, failure.Refuse(failure.NotFound, "session_not_found",
			"The session does not exist: open a new one with initialize").WithCode(failure.CodeSessionNotFound)
	}
	return session, nil
}

// End ends and removes a session (SESSION-4).
func (s *Store) End(session *Session) {
	s.mu.Lock()
	s.forget(session)
	s.mu.Unlock()
	session.Close()
}

// EndLiveStreams ends the live stream of every session, so that a shutdown does not wait for them (LIFE-8).
func (s *Store) EndLiveStreams() {
	for _, session := range s.all() {
		session.Streams.Live().End()
	}
}

// Close ends every session and makes Create fail from then on. It does not wait for work in the sessions.
func (s *Store) Close() {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	s.mu.Unlock()
	if first {
		close(s.stop)
	}
	s.swept.Wait()
	for _, session := range s.all() {
		s.End(session)
	}
}

func (s *Store) all() []*Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.sessions))
}

func (s *Store) sweep() {
	ticker := time.NewTicker(min(max(s.limits.Idle/4, 10*time.Millisecond), time.Minute))
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			s.endIdle()
		case <-s.stop:
			return
		}
	}
}

func (s *Store) endIdle() {
	for _, session := range s.all() {
		if session.busy() {
			session.used()
		} else if session.idleFor() > s.limits.Idle {
			s.End(session)
		}
	}
}
