package httpserver

import (
	"bufio"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
)

// received returns the request that net/http reads.
func received(t *testing.T, target string, fields ...string) *http.Request {
	t.Helper()
	text := "POST " + target + " HTTP/1.1\r\nHost: runtime\r\n" + strings.Join(append(fields, "\r\n"), "\r\n")
	request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	return request
}

func TestAMessageHasThePartsOfItsRequest(t *testing.T) {
	request := received(t, "/servers/a%2Fb/mcp?x=%20?y", "Accept: a", "ACCEPT: b", "MCP-Session-Id: session",
		"X-ContextForge-Server-Id: s%C3%A9%2B+", "x-contextforge-auth-context: e30", "x-contextforge-auth-expires-at: 18446744073709551615",
		"x-contextforge-affinity-forwarded: true")
	message, err := messageOf(request, []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if message.Method != "POST" || message.Path != "/servers/a%2Fb/mcp" || message.Query != "x=%20?y" || string(message.Body) != "{}" {
		t.Errorf("got %v", message)
	}
	if message.SessionId != "session" || message.ServerId != "sé++" || !message.AffinityForwarded {
		t.Errorf("got %v", message)
	}
	if auth := message.AuthContext; auth.GetEncoded() != "e30" || auth.GetExpiresAtEpochMs() != 1<<64-1 {
		t.Errorf("got %v", auth)
	}
	if message.Headers["accept"] != "a, b" || message.Headers["host"] != "runtime" {
		t.Errorf("got %v", message.Headers)
	}
}

func TestOptionalPartsAreMissing(t *testing.T) {
	message, err := messageOf(received(t, "/mcp"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"host": "runtime"}; !reflect.DeepEqual(message.Headers, want) {
		t.Errorf("got %v", message.Headers)
	}
	if message.AuthContext != nil || message.ServerId != "" || message.SessionId != "" || message.AffinityForwarded {
		t.Errorf("got %v", message)
	}
}

func TestInvalidTypedFieldsAreRefused(t *testing.T) {
	for _, fields := range [][]string{
		{"x-contextforge-server-id: %"},
		{"x-contextforge-server-id: %ff"},
		{"x-contextforge-server-id: a", "x-contextforge-server-id: a"},
		{"x-contextforge-auth-context: a", "X-ContextForge-Auth-Context: a"},
		{"x-contextforge-auth-expires-at: "},
		{"x-contextforge-auth-expires-at: +1"},
		{"x-contextforge-auth-expires-at: 1e3"},
		{"x-contextforge-auth-expires-at: 18446744073709551616"},
		{"x-contextforge-auth-expires-at: 1", "x-contextforge-auth-expires-at: 1"},
		{"x-contextforge-affinity-forwarded: false"},
		{"x-contextforge-affinity-forwarded: true", "x-contextforge-affinity-forwarded: true"},
		{"mcp-session-id: a", "mcp-session-id: a"},
	} {
		_, err := messageOf(received(t, "/mcp", fields...), nil)
		name, _, _ := strings.Cut(strings.ToLower(fields[0]), ":")
		call, ok := errors.AsType[*failure.Call](err)
		if !ok || call.Category != failure.InvalidArgument || !strings.HasPrefix(call.Message, name+": ") {
			t.Errorf("%v: got %v", fields, err)
		}
	}
}

func TestAcceptsEventStream(t *testing.T) {
	for value, want := range map[string]bool{
		"text/event-stream":                            true,
		"application/json,TEXT/Event-Stream ; q=0.1":   true,
		"application/json\r\nAccept:text/event-stream": true,
		"":                                   false,
		"*/*":                                false,
		"text/*":                             false,
		"text/event-streams":                 false,
		"application/json;text/event-stream": false,
	} {
		if got := acceptsEventStream(received(t, "/mcp", "Accept: "+value).Header); got != want {
			t.Errorf("%q: got %v", value, got)
		}
	}
}
