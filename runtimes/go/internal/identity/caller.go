package identity

import (
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
)

// Caller is who makes a call.
type Caller struct {
	// Owner is the email of a known caller, "" for one without identity.
	Owner  string
	Claims Claims
}

// Known says whether the caller has an identity.
func (c Caller) Known() bool { return c.Owner != "" }

// Anonymous is a caller without identity.
func Anonymous() Caller { return Caller{Claims: noClaims()} }

// Context is an auth context as it arrived.
type Context struct {
	Encoded string
	// ExpiresAtEpochMS is in milliseconds since 1970-01-01T00:00:00Z. 0: no end is known.
	ExpiresAtEpochMS uint64
}

// Identify establishes who calls. It fails with a 401 for a context that has ended (AUTH-5) or cannot be read (AUTH-4).
// A nil context is a caller without identity, and so is one that is not authenticated, whatever else it claims
// (AUTH-7), or has no name.
func Identify(context *Context, now time.Time) (Caller, error) {
	if context == nil {
		return Anonymous(), nil
	}
	if end := context.ExpiresAtEpochMS; end != 0 && end < uint64(now.UnixMilli()) {
		return Caller{}, failure.Refuse(failure.Unauthenticated, "auth_context_expired", "auth_context: has expired")
	}
	claims, err := decodeClaims(context.Encoded)
	if err != nil {
		return Caller{}, failure.Refuse(failure.Unauthenticated, "auth_context_unreadable", "auth_context: "+err.Error())
	}
	if !claims.IsAuthenticated || claims.Email == nil || *claims.Email == "" {
		return Anonymous(), nil
	}
	return Caller{Owner: *claims.Email, Claims: claims}, nil
}
