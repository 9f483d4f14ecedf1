package identity

import (
	"encoding/base64"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
)

var now = time.UnixMilli(1_000_000)

func encoded(json string) *Context {
	return &Context{Encoded: base64.RawURLEncoding.EncodeToString([]byte(json))}
}

func TestIdentifyReadsClaims(t *testing.T) {
	caller, err := Identify(encoded(`{"email":"a@example.com","teams":null,"is_authenticated":true,"is_admin":true,
		"token_use":"session","scoped_permissions":["x"],"scoped_server_id":null,"unknown":1}`), now)
	if err != nil {
		t.Fatal(err)
	}
	email, use := "a@example.com", "session"
	want := Caller{Owner: email, Claims: Claims{
		Email: &email, IsAuthenticated: true, IsAdmin: true, TokenUse: &use, ScopedPermissions: []string{"x"},
	}}
	if !reflect.DeepEqual(caller, want) {
		t.Errorf("got %+v, want %+v", caller, want)
	}
}

func TestNullTeamsDifferFromEmptyAndAbsentTeams(t *testing.T) {
	for json, want := range map[string][]string{
		`{"is_authenticated":true,"email":"a","teams":null}`:  nil,
		`{"is_authenticated":true,"email":"a","teams":[]}`:    {},
		`{"is_authenticated":true,"email":"a"}`:               {},
		`{"is_authenticated":true,"email":"a","teams":["t"]}`: {"t"},
	} {
		caller, err := Identify(encoded(json), now)
		if err != nil || !reflect.DeepEqual(caller.Claims.Teams, want) {
			t.Errorf("%s: got %#v, %v", json, caller.Claims.Teams, err)
		}
	}
}

func TestAnonymousCallersHaveNoClaims(t *testing.T) {
	for name, context := range map[string]*Context{
		"no context":        nil,
		"not authenticated": encoded(`{"email":"a","is_authenticated":false,"is_admin":true}`),
		"no email":          encoded(`{"is_authenticated":true,"is_admin":true}`),
		"a null email":      encoded(`{"email":null,"token_use":null,"is_authenticated":true}`),
		"an empty email":    encoded(`{"email":"","is_authenticated":true}`),
		"no claims":         encoded(`{}`),
	} {
		caller, err := Identify(context, now)
		if err != nil || caller.Known() || !reflect.DeepEqual(caller, Anonymous()) {
			t.Errorf("%s: got %+v, %v", name, caller, err)
		}
	}
}

func TestIdentifyRefuses(t *testing.T) {
	padded := base64.URLEncoding.EncodeToString([]byte(`{} `))
	if _, err := Identify(&Context{Encoded: padded}, now); err != nil {
		t.Errorf("padded base64url: got %v", err)
	}
	for name, context := range map[string]*Context{
		"an empty string":      {},
		"not base64url":        {Encoded: "e30+"},
		"a line break":         {Encoded: "e3\n0"},
		"too much padding":     {Encoded: "e30==="},
		"not JSON":             encoded("{"),
		"two JSON values":      encoded("{}{}"),
		"not an object":        encoded("[]"),
		"not UTF-8":            encoded("{\"email\":\"\xff\"}"),
		"a number as email":    encoded(`{"email":1}`),
		"numbers as teams":     encoded(`{"teams":[1]}`),
		"nulls as teams":       encoded(`{"teams":[null]}`),
		"a string as is_admin": encoded(`{"is_admin":"true"}`),
		"null permissions":     encoded(`{"scoped_permissions":null}`),
		"half a pair as email": encoded(`{"email":"a\ud800","is_authenticated":true}`),
		"half a pair in teams": encoded(`{"teams":["\uDC00\uD800"]}`),
		"expired long ago":     {Encoded: encoded("{}").Encoded, ExpiresAtEpochMS: 1},
		"expired just now":     {Encoded: encoded("{}").Encoded, ExpiresAtEpochMS: 999_999},
	} {
		_, err := Identify(context, now)
		refusal, ok := errors.AsType[*failure.Refusal](err)
		if !ok || refusal.HTTPStatus() != 401 {
			t.Errorf("%s: got %v, want a refusal with 401", name, err)
		}
	}
	if _, err := Identify(&Context{Encoded: encoded("{}").Encoded, ExpiresAtEpochMS: 1 << 63}, now); err != nil {
		t.Errorf("an expiry in the future: got %v", err)
	}
}
