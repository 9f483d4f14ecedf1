// Package identity reads the identity of a caller, which the gateway has established.
package identity

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Claims are the gateway's statements about a caller (AUTH-1), in the order and with the names of the contract. A missing
// claim grants nothing.
type Claims struct {
	Email *string `json:"email"`
	// Teams is nil for null, which differs from empty (AUTH-8).
	Teams             []string `json:"teams"`
	IsAuthenticated   bool     `json:"is_authenticated"`
	IsAdmin           bool     `json:"is_admin"`
	PermissionIsAdmin bool     `json:"permission_is_admin"`
	TokenUse          *string  `json:"token_use"`
	ScopedPermissions []string `json:"scoped_permissions"`
	ScopedServerID    *string  `json:"scoped_server_id"`
}

// noClaims are the claims of a caller without identity.
func noClaims() Claims { return Claims{Teams: []string{}, ScopedPermissions: []string{}} }

// decodeClaims decodes base64url of a JSON object (AUTH-1). Its errors contain no values (AUTH-4).
func decodeClaims(encoded string) (Claims, error) {
	members, err := decodeObject(encoded)
	if err != nil {
		return Claims{}, err
	}
	claims := noClaims()
	for name, target := range map[string]any{
		"email": &claims.Email, "token_use": &claims.TokenUse, "scoped_server_id": &claims.ScopedServerID,
		"teams": &claims.Teams, "scoped_permissions": &claims.ScopedPermissions,
		"is_authenticated": &claims.IsAuthenticated, "is_admin": &claims.IsAdmin, "permission_is_admin": &claims.PermissionIsAdmin,
	} {
		if token, present := members[name]; present && !decode(token, target, name == "scoped_server_id" || name == "teams") {
			return Claims{}, fmt.Errorf("the claim %s has the wrong type", name)
		}
	}
	return claims, nil
}

// decode decodes a claim. encoding/json would accept null for every type, in arrays as well.
func decode(token json.RawMessage, target any, nullable bool) bool {
	if string(token) == "null" && !nullable || json.Unmarshal(token, target) != nil {
		return false
	}
	var items []*string
	return json.Unmarshal(token, &items) != nil || !slices.Contains(items, nil)
}

func decodeObject(encoded string) (map[string]json.RawMessage, error) {
	unpadded := strings.TrimSuffix(strings.TrimSuffix(encoded, "="), "=")
	// The decoder ignores line breaks, which are not base64url.
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
