package httpcall

import (
	"errors"
	"strings"
	"testing"
	"unicode"

	"google.golang.org/protobuf/proto"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

// FuzzRead reads arbitrary request messages. An accepted message must be safe to use: its header fields are lower-case
// tokens with visible values and have no internal fields among them, and no typed field has a control character.
func FuzzRead(f *testing.F) {
	for _, request := range []*runtimev1.McpRequest{
		{Method: "POST", Path: "/mcp", Body: []byte("{}"), Headers: map[string]string{"Accept": "a", "X-ContextForge-Auth": "b"}},
		{Method: "GET", Path: "/servers/a/mcp/", Headers: map[string]string{"a": "\t~", "b_c": ""}, SessionId: "s"},
		{Path: "/servers/../mcp", Query: "a=\u0085", AuthContext: &runtimev1.McpAuthContext{Encoded: "e30", ExpiresAtEpochMs: 1}},
		{Path: "/mcp", Headers: map[string]string{"a": "x\r\nb: y", "A": "", "": "z", "mcp-session-id": "s"}},
	} {
		bytes, err := proto.Marshal(request)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(bytes)
	}
	f.Fuzz(func(t *testing.T, bytes []byte) {
		request := new(runtimev1.McpRequest)
		if proto.Unmarshal(bytes, request) != nil {
			return
		}
		call, err := Read(request, "GET", "POST")
		if err != nil {
			if refused, ok := errors.AsType[*failure.Call](err); !ok || refused.Category != failure.InvalidArgument {
				t.Fatalf("%v is not INVALID_ARGUMENT", err)
			}
			return
		}
		for name, value := range call.Headers {
			if name == "" || name != strings.ToLower(name) || strings.ContainsAny(name+value, "\r\n\x00") || isIgnored(name) {
				t.Errorf("the field %q: %q was accepted", name, value)
			}
		}
		if strings.ContainsFunc(call.Path+call.ServerID+call.SessionID, unicode.IsControl) {
			t.Error("a control character was accepted")
		}
		if call.Method != "GET" && call.Method != "POST" {
			t.Errorf("the method %q was accepted", call.Method)
		}
	})
}
