package httpcall

import (
	"reflect"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

func TestReadDropsIgnoredHeaders(t *testing.T) {
	call, err := Read(&runtimev1.McpRequest{
		Path: "/servers/other/mcp", Body: []byte("{}"), ServerId: "server", SessionId: "session",
		Headers: map[string]string{
			"Accept": "text/event-stream", "MCP-Session-Id": "x", "X-ContextForge-Admin": "1", "x-original-worker": "1",
			"x-mcp-session-id": "x", "X-Forwarded-Internally": "true", "x-other": "a\tb",
		},
		AuthContext: &runtimev1.McpAuthContext{Encoded: "e30", ExpiresAtEpochMs: 1 << 63},
	}, "GET", "POST")
	if err != nil {
		t.Fatal(err)
	}
	if want := (Headers{"accept": "text/event-stream", "x-other": "a\tb"}); !reflect.DeepEqual(call.Headers, want) {
		t.Errorf("got headers %v, want %v", call.Headers, want)
	}
	if call.Method != "GET" || call.ServerID != "server" || call.SessionID != "session" || call.Auth.ExpiresAtEpochMS != 1<<63 {
		t.Errorf("got %+v", call)
	}
}

func TestReadRefuses(t *testing.T) {
	for name, request := range map[string]*runtimev1.McpRequest{
		"an unsupported method":                 {Method: "PUT"},
		"a lower-case method":                   {Method: "post"},
		"a control character":                   {SessionId: "a\x00"},
		"a control character beyond ASCII":      {Path: "/mcp\u0085"},
		"a name that is not a token":            {Headers: map[string]string{"a b": ""}},
		"an empty name":                         {Headers: map[string]string{"": ""}},
		"a name beyond ASCII":                   {Headers: map[string]string{"é": ""}},
		"a value beyond ASCII":                  {Headers: map[string]string{"a": "é"}},
		"a value with a line break":             {Headers: map[string]string{"a": "b\r\nc"}},
		"names that differ only in case":        {Headers: map[string]string{"a": "", "A": ""}},
		"an invalid value of an internal field": {Headers: map[string]string{"x-original-worker": "\x7f"}},
	} {
		if _, err := Read(request, "POST"); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestAtEndpoint(t *testing.T) {
	for path, want := range map[string]bool{
		"/mcp": true, "/servers/a/mcp": true, "/servers/a%20b/mcp": true,
		"": false, "/": false, "/mcp/": true, "/servers/a/mcp/": true, "/mcp//": false, "/servers//mcp": false, "/servers/mcp": false, "/servers/../mcp": false,
		"/servers/a/b/mcp": false, "/_internal/mcp": false, "/servers/a/mcp?x": false, "/MCP": false, "mcp": false,
	} {
		if got := (&Call{Path: path}).AtEndpoint(); got != want {
			t.Errorf("%q: got %v", path, got)
		}
	}
}
