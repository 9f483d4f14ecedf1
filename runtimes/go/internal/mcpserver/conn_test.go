package mcpserver

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
)

func TestTheRevisionIsNegotiated(t *testing.T) {
	server := newServer(t, catalog.Conformance())
	for asked, want := range map[string]string{
		"2024-11-05": "2024-11-05", "2025-06-18": "2025-06-18",
		"2026-07-28": "2025-11-25", "1999-01-01": "2025-11-25", "later": "2025-11-25",
	} {
		conn, _ := connect(t, server)
		if initialize(t, conn, asked, "{}"); conn.Revision() != want {
			t.Errorf("%s: got %s, want %s", asked, conn.Revision(), want)
		}
	}
}

func TestInitializeDeclaresServedCapabilities(t *testing.T) {
	for want, entries := range map[string]*catalog.Catalog{
		`"capabilities":{"completions":{},"logging":{},"prompts":{},"resources":{"subscribe":true},"tools":{}}`: catalog.Conformance(),
		`"capabilities":{"logging":{}}`: catalog.Empty(),
	} {
		conn, _ := connect(t, newServer(t, entries))
		if got := initialize(t, conn, "2025-11-25", "{}"); !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	conn, _ := connect(t, newServer(t, catalog.Empty()))
	initialize(t, conn, "2025-11-25", "{}")
	for _, method := range []string{"tools/list", "resources/read", "server/discover", "subscriptions/listen", "toString"} {
		if code := errorCode(t, call(t, conn, request("1", method, "{}"))); code != -32601 {
			t.Errorf("%s: got %d", method, code)
		}
	}
}

func TestAFailedHandshakeNegotiatesNoRevision(t *testing.T) {
	conn, _ := connect(t, newServer(t, catalog.Empty()))
	for _, params := range []string{
		"{}", "[]", `{"protocolVersion":1,"capabilities":{},"clientInfo":{"name":"t","version":"1"}}`,
		`{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t"}}`,
		`{"protocolVersion":"2025-11-25","capabilities":{"sampling":1},"clientInfo":{"name":"t","version":"1"}}`,
	} {
		if code := errorCode(t, call(t, conn, request("1", "initialize", params))); code != -32602 || conn.Revision() != "" {
			t.Errorf("%s: got %d", params, code)
		}
	}
}

func TestInvalidParams(t *testing.T) {
	conn, _ := connect(t, newServer(t, catalog.Conformance()))
	initialize(t, conn, "2025-11-25", "{}")
	for _, test := range []struct{ method, params, place string }{
		{"tools/call", "{}", "params.name"},
		{"tools/call", `{"name":1}`, "params.name"},
		{"tools/call", `{"name":"conformance_whoami","arguments":[]}`, "params.arguments"},
		{"tools/call", `{"name":"conformance_whoami","_meta":{"progressToken":1.5}}`, "params._meta.progressToken"},
		{"tools/call", "[]", "params"},
		{"tools/list", `{"cursor":"x"}`, "params.cursor"},
		{"logging/setLevel", `{"level":"loud"}`, "params.level"},
		{"prompts/get", `{"name":"x","arguments":{"a":1}}`, "params.arguments.a"},
		{"completion/complete", `{"ref":{"type":"ref/prompt","uri":"x"},"argument":{"name":"a","value":""}}`, "params.ref.name"},
		{"resources/read", `{"uri":null}`, "params.uri"},
	} {
		response := call(t, conn, request("1", test.method, test.params))
		want := "The params of " + test.method + " are invalid: " + test.place + `"`
		if errorCode(t, response) != -32602 || !strings.Contains(response, want) {
			t.Errorf("%s %s: got %s", test.method, test.params, response)
		}
	}
}

func TestResponsesRepeatTheIDVerbatim(t *testing.T) {
	conn, _ := connect(t, newServer(t, catalog.Empty()))
	initialize(t, conn, "2025-11-25", "{}")
	for _, id := range []string{"9007199254740993", "-1", "1.5", "1e3", `"\u00e9"`, `""`} {
		if got, want := call(t, conn, request(id, "ping", "{}")), `{"jsonrpc":"2.0","id":`+id+`,"result":{}}`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestRequestsInFlightMayShareAnID(t *testing.T) {
	conn, _ := connect(t, newServer(t, catalog.Conformance()))
	initialize(t, conn, "2025-11-25", "{}")
	waiting := newRecorded(false)
	begin(t, conn, waiting, request("1", "tools/call", `{"name":"conformance_wait","arguments":{"key":"k"}}`))
	if text, _ := toolText(t, call(t, conn, request("1", "tools/call", `{"name":"conformance_echo","arguments":{"text":"x"}}`))); text != "x" {
		t.Errorf("got %q", text)
	}
	conn.Notify(t.Context(), message(t, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}`))
	conn.Notify(t.Context(), message(t, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"1"}}`))
	select {
	case <-waiting.done:
		t.Error("a request with another id was cancelled")
	default:
	}
	conn.Notify(t.Context(), message(t, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`))
	if <-waiting.done; waiting.ending != Cancelled || waiting.response != "" {
		t.Errorf("got %v, %q", waiting.ending, waiting.response)
	}
}

func TestWorkStopsWhenItsRequestOrConnectionEnds(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(conn *Conn, cancel func())
		want Ending
	}{
		"request":    {func(_ *Conn, cancel func()) { cancel() }, Cancelled},
		"connection": {func(conn *Conn, _ func()) { conn.Close() }, Closed},
	} {
		t.Run(name, func(t *testing.T) {
			stopped := make(chan struct{})
			started := make(chan struct{})
			conn, _ := connect(t, newServer(t, &catalog.Catalog{Tools: []catalog.Tool{{
				Tool: mcp.Tool{Name: "work", InputSchema: json.RawMessage(`{"type":"object"}`)},
				Call: func(ctx context.Context, _ catalog.Call, _ json.RawMessage) (*mcp.CallToolResult, error) {
					close(started)
					<-ctx.Done()
					close(stopped)
					return nil, ctx.Err()
				},
			}}}))
			initialize(t, conn, "2025-11-25", "{}")
			sink := newRecorded(false)
			cancel := begin(t, conn, sink, request("1", "tools/call", `{"name":"work"}`))
			<-started
			test.end(conn, cancel)
			<-sink.done
			<-stopped
			if sink.ending != test.want || conn.InFlight() != 0 {
				t.Errorf("got %v with %d requests in flight", sink.ending, conn.InFlight())
			}
		})
	}
}

func TestProgressHasTheCallersTokenAndPrecedesTheResponse(t *testing.T) {
	conn, _ := connect(t, newServer(t, catalog.Conformance()))
	initialize(t, conn, "2025-11-25", "{}")
	sink := newRecorded(false)
	begin(t, conn, sink, request("1", "tools/call", `{"name":"test_tool_with_progress","_meta":{"progressToken":9007199254740993}}`))
	<-sink.done
	if len(sink.messages) != 3 {
		t.Fatalf("got %d messages", len(sink.messages))
	}
	want := `"params":{"progressToken":9007199254740993,"message":"Completed step 0 of 100","progress":0,"total":100}`
	if got := <-sink.messages; !strings.Contains(got, want) {
		t.Errorf("got %s", got)
	}
	if text, _ := toolText(t, sink.response); text != "9007199254740993" {
		t.Errorf("got %q", text)
	}
}
