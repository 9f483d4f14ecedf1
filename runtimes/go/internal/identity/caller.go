package identity

import (
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
)

// Caller is the caller of a request.
type Caller struct {
	// Owner is the email of the caller, "" for a caller without identity.
	Owner  string
	Claims Claims
}

// Known reports whether the caller has an identity.
func (c Caller) Known() bool { return c.Owner != "" }

// Anonymous returns a caller without identity.
func Anonymous() Caller { return Caller{Claims: noClaims()} }

// Context is an auth context as the gateway sent it.
type Context struct {
	Encoded string
	// ExpiresAtEpochMS is the Unix time in milliseconds, or 0 if the context does not expire.
	ExpiresAtEpochMS uint64
}

// Identify returns the caller of an auth context. It fails with a 401 if the context has expired (AUTH-5) or is malformed
// (AUTH-4). Without a context, without authentication (AUTH-7) or without an email, the caller has no identity.
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
