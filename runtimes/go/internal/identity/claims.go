// Package identity reads the identity of a caller, which the gateway has established.
package identity

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
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
	for name, read := range map[string]func(any) bool{
		"email":               text(&claims.Email),
		"token_use":           text(&claims.TokenUse),
		"scoped_server_id":    orNull(&claims.ScopedServerID, text(&claims.ScopedServerID)),
		"teams":               orNull(&claims.Teams, texts(&claims.Teams)),
		"scoped_permissions":  texts(&claims.ScopedPermissions),
		"is_authenticated":    boolean(&claims.IsAuthenticated),
		"is_admin":            boolean(&claims.IsAdmin),
		"permission_is_admin": boolean(&claims.PermissionIsAdmin),
	} {
		if value, present := members[name]; present && !read(value) {
			return Claims{}, fmt.Errorf("the claim %s has the wrong type", name)
		}
	}
	return claims, nil
}

func decodeObject(encoded string) (map[string]any, error) {
	unpadded := strings.TrimSuffix(strings.TrimSuffix(encoded, "="), "=")
	// The decoder ignores line breaks, which are not base64url.
	if unpadded == "" || strings.ContainsAny(unpadded, "\r\n") {
		return nil, errors.New("not base64url")
	}
	decoded, err := base64.RawURLEncoding.DecodeString(unpadded)
	if err != nil {
		return nil, errors.New("not base64url")
	}
	if !utf8.Valid(decoded) {
		return nil, errors.New("not UTF-8")
	}
	var value any
	if json.Unmarshal(decoded, &value) != nil {
		return nil, errors.New("not JSON")
	}
	members, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("not a JSON object")
	}
	return members, nil
}

func text(target **string) func(any) bool {
	return func(value any) bool {
		text, ok := value.(string)
		*target = &text
		return ok
	}
}

func boolean(target *bool) func(any) bool {
	return func(value any) bool {
		is, ok := value.(bool)
		*target = is
		return ok
	}
}

func texts(target *[]string) func(any) bool {
	return func(value any) bool {
		items, ok := value.([]any)
		if !ok {
			return false
		}
		*target = make([]string, 0, len(items))
		for _, item := range items {
			text, ok := item.(string)
			if !ok {
				return false
			}
			*target = append(*target, text)
		}
		return true
	}
}

// orNull also accepts null, as the zero value.
func orNull[T any](target *T, read func(any) bool) func(any) bool {
	return func(value any) bool {
		if value == nil {
			var zero T
			*target = zero
			return true
		}
		return read(value)
	}
}
