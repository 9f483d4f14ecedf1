package session

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
)

// Limits bound a store (SESSION-10).
type Limits struct {
	MaxSessions int
	// Idle is how long an unused session lives.
	Idle time.Duration
}

// Store holds the sessions of a runtime, shared by all connections.
type Store struct {
	limits Limits
	stop   chan struct{}
	swept  sync.WaitGroup

	mu       sync.Mutex
	sessions map[string]*Session
	opening  int
	closed   bool
}

// NewStore returns a store that ends idle sessions until it is closed.
func NewStore(limits Limits) *Store {
	store := &Store{limits: limits, stop: make(chan struct{}), sessions: map[string]*Session{}}
	store.swept.Go(store.sweep)
	return store
}

// Create adds the session that make returns. It fails with a 429 if there are too many sessions, and with the error of
// make. If make returns nil, there is no session (INIT-4).
func (s *Store) Create(make func() (*Session, error)) error {
	if !s.reserve() {
		return failure.Refuse(failure.RateLimited, "too_many_sessions",
			"There are too many sessions: close some, or try again later")
	}
	session, err := make()
	s.mu.Lock()
	s.opening--
	late := s.closed
	if session != nil && !late {
		session.used()
		s.sessions[session.ID] = session
	}
	s.mu.Unlock()
	if session != nil && late {
		session.Close()
	}
	return err
}

func (s *Store) reserve() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.sessions)+s.opening >= s.limits.MaxSessions {
		return false
	}
	s.opening++
	return true
}

// Find returns the session with an id, and marks it as used. It fails with a 404 if there is no such session (SESSION-2).
func (s *Store) Find(id string) (*Session, error) {
	s.mu.Lock()
	session := s.sessions[id]
	s.mu.Unlock()
	if session == nil {
		return nil, failure.Refuse(failure.NotFound, "session_not_found",
			"There is no such session: start a new one with initialize").WithCode(failure.CodeSessionNotFound)
	}
	session.used()
	return session, nil
}

// End ends a session and forgets it (SESSION-4).
func (s *Store) End(session *Session) {
	s.mu.Lock()
	delete(s.sessions, session.ID)
	s.mu.Unlock()
	session.Close()
}

// EndLiveStreams ends the live stream of every session, so that a stop does not wait for them (LIFE-8).
func (s *Store) EndLiveStreams() {
	for _, session := range s.all() {
		session.Streams.Live().End()
	}
}

// Close ends every session. Create fails from then on. Close does not wait for work in the sessions.
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
