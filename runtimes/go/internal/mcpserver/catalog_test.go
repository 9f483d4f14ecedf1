package mcpserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

func TestAChangeNotifiesSubscribers(t *testing.T) {
	server := newServer(t, catalog.Conformance())
	subscribed, streams := connect(t, server)
	other, others := connect(t, server)
	for _, conn := range []*Conn{subscribed, other} {
		initialize(t, conn, "2025-11-25", "{}")
	}
	reader, otherReader := stream.NewReader(1000), stream.NewReader(1000)
	streams.Live().Attach(reader, stream.FromNow)
	others.Live().Attach(otherReader, stream.FromNow)
	call(t, subscribed, request("1", "resources/subscribe", `{"uri":"test://watched-resource"}`))
	touch := request("2", "tools/call", `{"name":"conformance_touch","arguments":{"uri":"test://watched-resource"}}`)
	call(t, other, touch)
	event, _ := reader.Take()
	if want := `{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"test://watched-resource"}}`; !strings.Contains(string(event), want) {
		t.Errorf("got %q", event)
	}
	if event, _ := otherReader.Take(); event != nil {
		t.Errorf("another session was notified: %q", event)
	}
}

func TestSubscriptionsAreLimitedAndEndWithTheSession(t *testing.T) {
	server := newServer(t, catalog.Conformance())
	conn, _ := connect(t, server)
	initialize(t, conn, "2025-11-25", "{}")
	subscribe := func(id string) int {
		params := fmt.Sprintf(`{"uri":"test://template/%s/data"}`, id)
		return errorCode(t, call(t, conn, request("1", "resources/subscribe", params)))
	}
	for id, want := range map[string]int{"": -32002, "%zz": -32002} {
		if code := subscribe(id); code != want {
			t.Errorf("%q: got %d", id, code)
		}
	}
	for i, want := range []int{0, 0, -32000} {
		if code := subscribe(fmt.Sprint(i)); code != want {
			t.Errorf("subscription %d: got %d", i, code)
		}
	}
	if code := subscribe("0"); code != 0 {
		t.Errorf("an existing subscription: got %d", code)
	}
	conn.Close()
	if server.subscriptions.add(conn, "test://watched-resource") {
		t.Error("a closed connection subscribed")
	}
	if conn.InFlight() != 0 || len(server.subscriptions.uris) != 0 {
		t.Errorf("%d requests and %d subscriptions are left", conn.InFlight(), len(server.subscriptions.uris))
	}
}

func TestUnknownResources(t *testing.T) {
	conn, _ := connect(t, newServer(t, catalog.Conformance()))
	initialize(t, conn, "2025-11-25", "{}")
	for _, uri := range []string{"test://nothing", "test://template//data", "test://template/a/b/data", "test://template/%ff/data", "x"} {
		if code := errorCode(t, call(t, conn, request("1", "resources/read", fmt.Sprintf(`{"uri":%q}`, uri)))); code != -32002 {
			t.Errorf("%s: got %d", uri, code)
		}
	}
	got := call(t, conn, request("1", "resources/read", `{"uri":"test://template/a%20b/data"}`))
	if !strings.Contains(got, `{\"id\":\"a b\",\"templateTest\":true,\"data\":\"Data for ID: a b\"}`) {
		t.Errorf("got %s", got)
	}
	// No expansion of the template contains this character, but the runtime serves the URI.
	for _, method := range []string{"resources/read", "resources/subscribe"} {
		if code := errorCode(t, call(t, conn, request("1", method, `{"uri":"test://template/a:b/data"}`))); code != 0 {
			t.Errorf("%s: got %d", method, code)
		}
	}
}

func TestArgumentsAreValidated(t *testing.T) {
	conn, _ := connect(t, newServer(t, catalog.Conformance()))
	initialize(t, conn, "2025-11-25", "{}")
	for _, test := range []struct {
		tool, arguments, want string
		isError               bool
	}{
		{"json_schema_2020_12_tool", `{"email": "e"}`, `JSON Schema 2020-12 tool called with: {"email":"e"}`, false},
		{"json_schema_2020_12_tool", `{}`, "Invalid arguments for json_schema_2020_12_tool: ", true},
		{"json_schema_2020_12_tool", `{"email":"e","address":{"street":1}}`, "Invalid arguments for json_schema_2020_12_tool: ", true},
		{"conformance_repeat", `{"size":3.0}`, "xxx", false},
		{"conformance_repeat", `{"size":3.5}`, "Invalid arguments for conformance_repeat: ", true},
		{"conformance_echo", `{"text":"x","more":1}`, "Invalid arguments for conformance_echo: ", true},
		{"conformance_whoami", `{"a":1}`, "Invalid arguments for conformance_whoami: ", true},
		{
			"conformance_whoami", `{}`, `{"email":null,"teams":[],"is_authenticated":false,"is_admin":false,` +
				`"permission_is_admin":false,"token_use":null,"scoped_permissions":[],"scoped_server_id":null,"server_id":null}`, false,
		},
	} {
		params := fmt.Sprintf(`{"name":%q,"arguments":%s}`, test.tool, test.arguments)
		text, isError := toolText(t, call(t, conn, request("1", "tools/call", params)))
		if isError != test.isError || !strings.HasPrefix(text, test.want) {
			t.Errorf("%s %s: got %q", test.tool, test.arguments, text)
		}
	}
}

func TestCompletionResultsHaveAllMembers(t *testing.T) {
	conn, _ := connect(t, newServer(t, catalog.Conformance()))
	initialize(t, conn, "2025-11-25", "{}")
	for value, want := range map[string]string{
		"b": `"result":{"completion":{"values":["beta"],"total":1,"hasMore":false}}`,
		"x": `"result":{"completion":{"values":[],"total":0,"hasMore":false}}`,
	} {
		params := fmt.Sprintf(`{"ref":{"type":"ref/prompt","name":"test_prompt_with_arguments"},"argument":{"name":"arg1","value":%q}}`, value)
		if got := call(t, conn, request("1", "completion/complete", params)); !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	unknown := `{"ref":{"type":"ref/resource","uri":"test://template/{id}/data"},"argument":{"name":"other","value":""}}`
	if code := errorCode(t, call(t, conn, request("1", "completion/complete", unknown))); code != -32602 {
		t.Errorf("got %d", code)
	}
}

func TestAFailureRevealsNoInternals(t *testing.T) {
	fails := func(name string, fail func() error) catalog.Tool {
		return catalog.Tool{
			Tool: mcp.Tool{Name: name, InputSchema: json.RawMessage(`{"type":"object"}`)},
			Call: func(context.Context, catalog.Call, json.RawMessage) (*mcp.CallToolResult, error) { return nil, fail() },
		}
	}
	conn, _ := connect(t, newServer(t, &catalog.Catalog{Tools: []catalog.Tool{
		fails("error", func() error { return errors.New("secret") }),
		fails("failure", func() error { return fmt.Errorf("secret: %w", catalog.Failure("for the caller")) }),
		fails("panic", func() error { panic("secret") }),
	}}))
	initialize(t, conn, "2025-11-25", "{}")
	for name, want := range map[string]string{
		"error":   `"text":"The tool failed"}],"isError":true`,
		"failure": `"text":"for the caller"}],"isError":true`,
		"panic":   `"message":"Internal error"`,
		"other":   `"message":"Invalid params"`,
	} {
		got := call(t, conn, request("1", "tools/call", fmt.Sprintf(`{"name":%q}`, name)))
		if !strings.Contains(got, want) || strings.Contains(got, "secret") {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

func TestListResultsHaveNoMembersOfLaterRevisions(t *testing.T) {
	conn, _ := connect(t, newServer(t, catalog.Conformance()))
	initialize(t, conn, "2025-11-25", "{}")
	for _, kind := range []string{"tools", "resources", "prompts"} {
		var answer struct{ Result map[string]json.RawMessage }
		if err := json.Unmarshal([]byte(call(t, conn, request("1", kind+"/list", "{}"))), &answer); err != nil {
			t.Fatal(err)
		}
		if len(answer.Result) != 1 || answer.Result[kind] == nil {
			t.Errorf("%s/list has %d members", kind, len(answer.Result))
		}
	}
}
