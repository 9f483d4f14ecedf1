// Package identity decodes the identity that the gateway has established for a caller.
package identity

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
)

// Claims are the gateway's claims about a caller (AUTH-1), with the names and in the order of the contract. A missing
// claim grants no rights.
type Claims struct {
	Email *string `json:"email"`
	// Teams is nil for a JSON null, which differs from an empty list (AUTH-8).
	Teams             []string `json:"teams"`
	IsAuthenticated   bool     `json:"is_authenticated"`
	IsAdmin           bool     `json:"is_admin"`
	PermissionIsAdmin bool     `json:"permission_is_admin"`
	TokenUse          *string  `json:"token_use"`
	ScopedPermissions []string `json:"scoped_permissions"`
	ScopedServerID    *string  `json:"scoped_server_id"`
}

// noClaims returns the claims of an anonymous caller.
func noClaims() Claims { return Claims{Teams: []string{}, ScopedPermissions: []string{}} }

// decodeClaims decodes a base64url-encoded JSON object (AUTH-1). Its errors do not contain values (AUTH-4).
func decodeClaims(encoded string) (Claims, error) {
	members, err := decodeObject(encoded)
	if err != nil {
		return Claims{}, err
	}
	return claimsOf(members)
}

// ParseClaims parses claims from a JSON object. Its errors do not contain values (AUTH-4).
func ParseClaims(object json.RawMessage) (Claims, error) {
	var members map[string]json.RawMessage
	if json.Unmarshal(object, &members) != nil || members == nil {
		return Claims{}, errors.New("not a JSON object")
	}
	return claimsOf(members)
}

func claimsOf(members map[string]json.RawMessage) (Claims, error) {
	claims := noClaims()
	for name, target := range map[string]any{
		"email": &claims.Email, "token_use": &claims.TokenUse, "scoped_server_id": &claims.ScopedServerID,
		"teams": &claims.Teams, "scoped_permissions": &claims.ScopedPermissions,
		"is_authenticated": &claims.IsAuthenticated, "is_admin": &claims.IsAdmin, "permission_is_admin": &claims.PermissionIsAdmin,
	} {
		if token, present := members[name]; present && !decode(token, target, nullable[name]) {
			return Claims{}, fmt.Errorf("the claim %s has the wrong type", name)
		}
	}
	return claims, nil
}

// nullable lists the claims that may be null. Null means absent, except for teams (AUTH-1, AUTH-8).
var nullable = map[string]bool{"email": true, "teams": true, "token_use": true, "scoped_server_id": true}

// decode decodes a claim, and reports whether it has the right type. encoding/json alone would accept null for every
// type, even in arrays, and would replace unpaired surrogates, so that different texts would become equal (AUTH-12).
func decode(token json.RawMessage, target any, nullable bool) bool {
	if string(token) == "null" && !nullable || hasUnpairedSurrogate(token) || json.Unmarshal(token, target) != nil {
		return false
	}
	var items []*string
	return json.Unmarshal(token, &items) != nil || !slices.Contains(items, nil)
}

func decodeObject(encoded string) (map[string]json.RawMessage, error) {
	unpadded := strings.TrimSuffix(strings.TrimSuffix(encoded, "="), "=")
	// The decoder ignores line breaks, but base64url does not allow them.
	if unpadded == "" || strings.ContainsAny(unpadded, "\r\n") {
		return nil, errors.New("not base64url")
	}
	decoded, err := base64.RawURLEncoding.DecodeString(unpadded)
	switch {
	case err != nil:
		return nil, errors.New("not base64url")
	case !utf8.Valid(decoded):
		return nil, errors.New("not UTF-8")
	case !json.Valid(decoded):
		return nil, errors.New("not JSON")
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(decoded, &members) != nil || members == nil {
		return nil, errors.New("not a JSON object")
	}
	return members, nil
}

// Caller is the caller of a request.
type Caller struct {
	// Owner is the email of the caller, or "" for an anonymous caller.
	Owner  string
	Claims Claims
}

// Known reports whether the caller is not anonymous.
func (c Caller) Known() bool { return c.Owner != "" }

// Anonymous returns an anonymous caller. It has no claims.
func Anonymous() Caller { return Caller{Claims: noClaims()} }

// Context is an auth context as the gateway sent it.
type Context struct {
	Encoded string
	// ExpiresAtEpochMS is the expiry as Unix time in milliseconds, or 0 if the context does not expire.
	ExpiresAtEpochMS uint64
}

// UntilExpiry returns the duration until an expiry in milliseconds since the epoch.
func UntilExpiry(expiresAt uint64) time.Duration {
	left := float64(expiresAt) - float64(time.Now().UnixMilli())
	return time.Duration(min(max(left, 0)*float64(time.Millisecond), math.MaxInt64/2))
}

var decoded claimsCache

// Identify returns the caller of an auth context. It fails with a 401 if the context has expired (AUTH-5) or is
// malformed (AUTH-4). A caller without a context, authentication (AUTH-7) or email is anonymous.
func Identify(context *Context, now time.Time) (Caller, error) {
	if context == nil {
		return Anonymous(), nil
	}
	if end := context.ExpiresAtEpochMS; end != 0 && end < uint64(now.UnixMilli()) {
		return Caller{}, failure.Refuse(failure.Unauthenticated, "auth_context_expired", "auth_context: has expired")
	}
	claims, err := decoded.decode(context.Encoded)
	if err != nil {
		return Caller{}, failure.Refuse(failure.Unauthenticated, "auth_context_unreadable", "auth_context: "+err.Error())
	}
	if !claims.IsAuthenticated || claims.Email == nil || *claims.Email == "" {
		return Anonymous(), nil
	}
	return Caller{Owner: *claims.Email, Claims: claims}, nil
}
