package identity

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
)

// FuzzIdentify checks that only an authenticated email makes a caller known, and that the claims of a known caller are
// those of the JSON object.
func FuzzIdentify(f *testing.F) {
	for _, claims := range []string{
		`{"email":"a@example.com","is_authenticated":true,"teams":null,"is_admin":true}`,
		`{"email":"a@example.com","is_authenticated":false}`,
		`{"email":"","is_authenticated":true,"teams":["a","a"]}`,
		`{"email":"a","is_authenticated":true,"email":"b","scoped_permissions":[null]}`,
		`{"EMAIL":"a","Is_Authenticated":true}`, `[]`, `null`, `{}`, `{"email":"\ud800","is_authenticated":true}`,
	} {
		f.Add(base64.RawURLEncoding.EncodeToString([]byte(claims)), uint64(0))
	}
	f.Add("e30=", uint64(1))
	f.Add("e30\n", uint64(1)<<63)
	now := time.UnixMilli(1_700_000_000_000)
	f.Fuzz(func(t *testing.T, encoded string, expiry uint64) {
		caller, err := Identify(&Context{Encoded: encoded, ExpiresAtEpochMS: expiry}, now)
		isExpired := expiry != 0 && expiry < uint64(now.UnixMilli())
		if err != nil {
			if refusal, ok := errors.AsType[*failure.Refusal](err); !ok || refusal.HTTPStatus() != 401 {
				t.Fatalf("%v is not a refusal with a 401", err)
			}
			return
		}
		if isExpired {
			t.Fatal("an expired context was accepted")
		}
		if !caller.Known() {
			return
		}
		var claims map[string]any
		decoded, err := base64.RawURLEncoding.DecodeString(trimmed(encoded))
		if err != nil || json.Unmarshal(decoded, &claims) != nil {
			t.Fatalf("%q is not an object in base64url", encoded)
		}
		if claims["is_authenticated"] != true || claims["email"] != caller.Owner {
			t.Fatalf("%s makes %q known", decoded, caller.Owner)
		}
		if caller.Claims.IsAdmin != (claims["is_admin"] == true) {
			t.Fatalf("%s grants admin rights: %v", decoded, caller.Claims.IsAdmin)
		}
	})
}

// trimmed removes the padding, which the runtime tolerates.
func trimmed(encoded string) string {
	for range 2 {
		if n := len(encoded); n > 0 && encoded[n-1] == '=' {
			encoded = encoded[:n-1]
		}
	}
	return encoded
}
