package mcpserver

import (
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
)

func TestServerRequestsNeedAnOpenStream(t *testing.T) {
	server := newServer(t, catalog.Conformance())
	elicit := request("1", "tools/call", `{"name":"test_elicitation_sep1034_defaults"}`)
	for _, test := range []struct {
		capabilities string
		interactive  bool
		want         string
	}{
		{"{}", true, "The caller does not support elicitation"},
		{`{"elicitation":{"url":{}}}`, true, "The caller does not support form elicitation"},
		{`{"elicitation":{}}`, false, "The caller has no open stream for the elicitation request"},
	} {
		conn, _ := connect(t, server)
		initialize(t, conn, "2025-11-25", test.capabilities)
		sink := newRecorded(test.interactive)
		begin(t, conn, sink, elicit)
		<-sink.done
		if text, isError := toolText(t, sink.response); text != test.want || !isError {
			t.Errorf("%s: got %q", test.capabilities, text)
		}
	}
}

func TestTheCallersResponseReachesTheTool(t *testing.T) {
	server := newServer(t, catalog.Conformance())
	for answer, want := range map[string]string{
		// The SDK alone would add the form's default values.
		`"result":{"action":"accept","content":{"status":"active", "age":3}}`: `Elicitation completed: action=accept, content={"status":"active","age":3}`,
		`"result":{"action":"decline"}`:                                       "Elicitation completed: action=decline, content={}",
		`"result":{"action":"other"}`:                                         "The caller did not give a valid answer to the elicitation request",
		`"result":{"action":"accept","content":{"age":"x"}}`:                  "The caller did not give a valid answer to the elicitation request",
		`"error":{"code":-1,"message":"no"}`:                                  "The caller did not give a valid answer to the elicitation request",
		`"error":"no"`:                                                        "The caller did not give a valid answer to the elicitation request",
	} {
		// The SDK alone would refuse to ask a caller that requested a later revision.
		conn, _ := connect(t, server)
		initialize(t, conn, "2026-07-28", `{"elicitation":{}}`)
		sink := newRecorded(true)
		begin(t, conn, sink, request("1", "tools/call", `{"name":"test_elicitation_sep1034_defaults"}`))
		var serverRequest struct{ ID json.RawMessage }
		if err := json.Unmarshal([]byte(<-sink.messages), &serverRequest); err != nil {
			t.Fatal(err)
		}
		conn.Respond(t.Context(), message(t, fmt.Sprintf(`{"jsonrpc":"2.0","id":"%s",%s}`, serverRequest.ID, answer)))
		conn.Respond(t.Context(), message(t, fmt.Sprintf(`{"jsonrpc":"2.0","id":%s.5,%s}`, serverRequest.ID, answer)))
		conn.Respond(t.Context(), message(t, fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,%s}`, serverRequest.ID, answer)))
		<-sink.done
		if text, _ := toolText(t, sink.response); text != want {
			t.Errorf("%s: got %q, want %q", answer, text, want)
		}
	}
}

func TestAServerRequestTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, _ := connect(t, newServer(t, catalog.Conformance()))
		initialize(t, conn, "2025-11-25", `{"sampling":{}}`)
		sink := newRecorded(true)
		started := time.Now()
		begin(t, conn, sink, request("1", "tools/call", `{"name":"test_sampling","arguments":{"prompt":"p"}}`))
		<-sink.done
		text, _ := toolText(t, sink.response)
		if waited := time.Since(started); text != "The caller did not give a valid answer to the sampling request" || waited != time.Minute {
			t.Errorf("got %q after %s", text, waited)
		}
		conn.Close()
	})
}

func TestAFormWithEachKindOfEnumeration(t *testing.T) {
	conn, _ := connect(t, newServer(t, catalog.Conformance()))
	initialize(t, conn, "2025-11-25", `{"elicitation":{"form":{}}}`)
	sink := newRecorded(true)
	begin(t, conn, sink, request("1", "tools/call", `{"name":"test_elicitation_sep1330_enums"}`))
	var serverRequest struct{ ID json.RawMessage }
	if err := json.Unmarshal([]byte(<-sink.messages), &serverRequest); err != nil {
		t.Fatal(err)
	}
	content := `{"legacyEnum":"opt1","titledMulti":["value1","value2"],"titledSingle":"value1",` +
		`"untitledMulti":["option1"],"untitledSingle":"option1"}`
	conn.Respond(t.Context(), message(t, fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":{"action":"accept","content":%s}}`, serverRequest.ID, content)))
	<-sink.done
	if text, isError := toolText(t, sink.response); text != "Elicitation completed: action=accept, content="+content || isError {
		t.Errorf("got %q", text)
	}
}
