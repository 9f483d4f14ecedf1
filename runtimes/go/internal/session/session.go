// Package session holds the sessions of a runtime, each with an owner, a scope, an MCP connection and its streams.
package session

import (
	"crypto/rand"
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
	// Owner is the email of the caller that created the session, "" for a caller without identity (AUTH-2, AUTH-6).
	Owner string
	// ServerID is the virtual server of the session, "" for none (SESSION-5).
	ServerID string
	Conn     *mcpserver.Conn
	Streams  *stream.Set

	// lastUsed is the time since started, in nanoseconds.
	lastUsed atomic.Int64
}

// NewID returns a new session id: at least 128 random bits in visible ASCII (SESSION-1).
func NewID() string { return rand.Text() }

// Admit fails with a 403 unless the caller owns the session (AUTH-2, AUTH-3) and the call is in the session's scope
// (SESSION-5). A known caller does not own an anonymous session (AUTH-6).
func (s *Session) Admit(caller identity.Caller, serverID string) error {
	if caller.Owner != s.Owner {
		return failure.Refuse(failure.PermissionDenied, "not_the_owner", "The session belongs to another caller")
	}
	if serverID != s.ServerID {
		return failure.Refuse(failure.PermissionDenied, "other_scope", "The session was created for another server_id")
	}
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
