// Package session keeps the sessions of a runtime: each with an owner, a scope, an MCP connection and its streams.
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

// Session is a session of the revisions that have sessions.
type Session struct {
	ID string
	// Owner is the email of the caller that created it, "" for one without identity (AUTH-2, AUTH-6).
	Owner string
	// ServerID is the virtual server that it was created for, "" for none (SESSION-5).
	ServerID string
	Conn     *mcpserver.Conn
	Streams  *stream.Set

	// lastUsed is in nanoseconds of the process's monotonic clock.
	lastUsed atomic.Int64
}

// NewID makes the id of a session: 130 random bits or more, in visible ASCII (SESSION-1).
func NewID() string { return rand.Text() }

// Admit lets a session's owner use it, in the scope that it was created in. It fails with a 403 for anybody else, a known
// caller in an anonymous session included (AUTH-2, AUTH-3, AUTH-6), and for another scope (SESSION-5).
func (s *Session) Admit(caller identity.Caller, serverID string) error {
	if caller.Owner != s.Owner {
		return failure.Refuse(failure.PermissionDenied, "not_the_owner", "The session belongs to another caller")
	}
	if serverID != s.ServerID {
		return failure.Refuse(failure.PermissionDenied, "other_scope", "The session was created for another server_id")
	}
	return nil
}

// Close ends its requests and streams in the regular way (SESSION-8).
func (s *Session) Close() {
	s.Conn.Close()
	s.Streams.End()
}

// busy says whether something goes on in it: a request under way or an open live stream.
func (s *Session) busy() bool { return s.Conn.UnderWay() > 0 || s.Streams.Live().Read() }

func (s *Session) used() { s.lastUsed.Store(int64(time.Since(started))) }

func (s *Session) idleFor() time.Duration {
	return time.Since(started) - time.Duration(s.lastUsed.Load())
}

var started = time.Now()
