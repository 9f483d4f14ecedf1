package catalog_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/catalog"
)

// connect returns the session of a client that is connected to a server with the catalog.
func connect(t *testing.T, client *mcp.ClientOptions, options ...catalog.Option) *mcp.ClientSession {
	t.Helper()
	server := mcp.NewServer(&mcp.Implementation{Name: "test", Version: "1"}, catalog.ServerOptions())
	if err := catalog.Mount(server, options...); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	near, far := mcp.NewInMemoryTransports()
	if _, err := server.Connect(ctx, far, nil); err != nil {
		t.Fatal(err)
	}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "client", Version: "1"}, client).Connect(ctx, near, &mcp.ClientSessionOptions{
		ProtocolVersion: "2025-11-25",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return session
}

// receive returns the next value of a channel, and fails the test if none arrives.
func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case value := <-from:
		return value
	case <-time.After(20 * time.Second):
		t.Fatal("nothing arrived within 20 s")
		panic("unreachable")
	}
}

// call returns the text of a tool's result, and whether it is an error.
func call(t *testing.T, session *mcp.ClientSession, name string, arguments any) (string, bool) {
	t.Helper()
	result, err := session.CallTool(context.Background(), &mcp.CallToolParams{Name: name, Arguments: arguments})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	text, ok := result.Content[0].(*mcp.TextContent)
	if !ok {
		t.Fatalf("%s returned %T", name, result.Content[0])
	}
	return text.Text, result.IsError
}

func TestDeclaresWholeCatalog(t *testing.T) {
	session := connect(t, nil)
	capabilities, err := json.Marshal(session.InitializeResult().Capabilities)
	want := `{"completions":{},"logging":{},"prompts":{"listChanged":true},"resources":{"listChanged":true,"subscribe":true},"tools":{"listChanged":true}}`
	if err != nil || string(capabilities) != want {
		t.Errorf("capabilities = %s, %v, want %s", capabilities, err, want)
	}
	tools, err := session.ListTools(context.Background(), nil)
	if err != nil || len(tools.Tools) != 24 {
		t.Errorf("tools = %v, %v", tools, err)
	}
}

func TestCalls(t *testing.T) {
	session := connect(t, nil)
	none := map[string]any{}
	for _, test := range []struct {
		tool      string
		arguments map[string]any
		text      string
		isError   bool
	}{
		{"test_simple_text", none, "This is a simple text response for testing.", false},
		{"conformance_echo", map[string]any{"text": "héllo"}, "héllo", false},
		{
			"conformance_echo", map[string]any{"text": 5},
			"Invalid arguments for conformance_echo: they do not match the input schema", true,
		},
		{"test_error_handling", none, "This tool intentionally returns an error for testing", true},
		{"test_sampling", map[string]any{"prompt": "hello"}, "The caller does not support sampling", true},
		{"conformance_state", map[string]any{"key": "k"}, "unknown", false},
		{
			"conformance_whoami", none,
			`{"email":null,"teams":[],"is_authenticated":false,"is_admin":false,"permission_is_admin":false,` +
				`"token_use":null,"scoped_permissions":[],"scoped_server_id":null,"server_id":null}`, false,
		},
	} {
		if text, isError := call(t, session, test.tool, test.arguments); text != test.text || isError != test.isError {
			t.Errorf("%s(%v) = %q, %v, want %q, %v", test.tool, test.arguments, text, isError, test.text, test.isError)
		}
	}
}

func TestReportsTheCaller(t *testing.T) {
	callerOf := func(context.Context, *mcp.CallToolRequest) (catalog.Caller, error) {
		claims := json.RawMessage(`{"email":"alice@example.com","is_authenticated":true,"teams":["a"]}`)
		return catalog.Caller{Claims: claims, ServerID: "server-1", Owner: "alice@example.com"}, nil
	}
	text, _ := call(t, connect(t, nil, catalog.WithCaller(callerOf)), "conformance_whoami", nil)
	want := `{"email":"alice@example.com","teams":["a"],"is_authenticated":true,"is_admin":false,"permission_is_admin":false,` +
		`"token_use":null,"scoped_permissions":[],"scoped_server_id":null,"server_id":"server-1"}`
	if text != want {
		t.Errorf("whoami = %s, want %s", text, want)
	}
}

func TestReleasesWaits(t *testing.T) {
	session := connect(t, nil)
	done := make(chan string, 1)
	go func() {
		result, err := session.CallTool(context.Background(), &mcp.CallToolParams{
			Name: "conformance_wait", Arguments: map[string]any{"key": "k"},
		})
		if err != nil {
			done <- err.Error()
			return
		}
		done <- result.Content[0].(*mcp.TextContent).Text
	}()
	for released := false; !released && len(done) == 0; {
		text, _ := call(t, session, "conformance_release", map[string]any{"key": "k"})
		released = text == "released 1"
	}
	if text := receive(t, done); text != "released" {
		t.Errorf("wait = %q", text)
	}
}

func TestLogsBeforeALevelIsSet(t *testing.T) {
	logged := make(chan any, 3)
	options := &mcp.ClientOptions{
		LoggingMessageHandler: func(_ context.Context, request *mcp.LoggingMessageRequest) { logged <- request.Params.Data },
	}
	call(t, connect(t, options), "test_tool_with_logging", nil)
	for _, want := range []string{"Tool execution started", "Tool processing data", "Tool execution completed"} {
		if data := receive(t, logged); data != want {
			t.Errorf("logged %v, want %s", data, want)
		}
	}
}

func TestAsksTheCaller(t *testing.T) {
	session := connect(t, &mcp.ClientOptions{
		CreateMessageHandler: func(context.Context, *mcp.CreateMessageRequest) (*mcp.CreateMessageResult, error) {
			return &mcp.CreateMessageResult{Role: "assistant", Model: "m", Content: &mcp.TextContent{Text: "two"}}, nil
		},
		ElicitationHandler: func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
			return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"response": "Zoë"}}, nil
		},
	})
	if text, _ := call(t, session, "test_sampling", map[string]any{"prompt": "1 + 1?"}); text != "LLM response: two" {
		t.Errorf("sampling = %q", text)
	}
	text, _ := call(t, session, "test_elicitation", map[string]any{"message": "Name?"})
	if want := `User response: action=accept, content={"response":"Zoë"}`; text != want {
		t.Errorf("elicitation = %q, want %q", text, want)
	}
}

func TestNotifiesSubscribers(t *testing.T) {
	updated := make(chan string, 1)
	session := connect(t, &mcp.ClientOptions{
		ResourceUpdatedHandler: func(_ context.Context, request *mcp.ResourceUpdatedNotificationRequest) {
			updated <- request.Params.URI
		},
	})
	const uri = "test://watched-resource"
	if err := session.Subscribe(context.Background(), &mcp.SubscribeParams{URI: uri}); err != nil {
		t.Fatal(err)
	}
	if text, _ := call(t, session, "conformance_touch", map[string]any{"uri": uri}); text != "touched" {
		t.Errorf("touch = %q", text)
	}
	if got := receive(t, updated); got != uri {
		t.Errorf("updated %q", got)
	}
}

func TestReadsCompletesAndRefuses(t *testing.T) {
	ctx, session := context.Background(), connect(t, nil)
	read, err := session.ReadResource(ctx, &mcp.ReadResourceParams{URI: "test://template/a%2Fb/data"})
	if err != nil || read.Contents[0].Text != `{"id":"a/b","templateTest":true,"data":"Data for ID: a/b"}` {
		t.Errorf("read = %v, %v", read, err)
	}
	completed, err := session.Complete(ctx, &mcp.CompleteParams{
		Ref:      &mcp.CompleteReference{Type: "ref/prompt", Name: "test_prompt_with_arguments"},
		Argument: mcp.CompleteParamsArgument{Name: "arg2", Value: "t"},
	})
	if err != nil || len(completed.Completion.Values) != 2 {
		t.Errorf("complete = %v, %v", completed, err)
	}
	_, err = session.ReadResource(ctx, &mcp.ReadResourceParams{URI: "test://none"})
	if code := codeOf(err); code != jsonrpc.CodeInvalidParams {
		t.Errorf("unknown resource: %v", err)
	}
	_, err = session.GetPrompt(ctx, &mcp.GetPromptParams{Name: "test_prompt_with_arguments"})
	if code := codeOf(err); code != jsonrpc.CodeInvalidParams {
		t.Errorf("missing argument: %v", err)
	}
}

func codeOf(err error) int64 {
	if known, ok := errors.AsType[*jsonrpc.Error](err); ok {
		return known.Code
	}
	return 0
}
