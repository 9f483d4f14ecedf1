package catalog_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/catalog"
)

// connectWithoutSession returns a client of MCP 2026-07-28 for a stateless server with the catalog.
func connectWithoutSession(t *testing.T, client *mcp.ClientOptions) *mcp.ClientSession {
	t.Helper()
	server := mcp.NewServer(&mcp.Implementation{Name: "test", Version: "1"}, catalog.ServerOptions())
	if err := catalog.Mount(server); err != nil {
		t.Fatal(err)
	}
	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server },
		&mcp.StreamableHTTPOptions{Stateless: true})
	listener := httptest.NewServer(handler)
	t.Cleanup(listener.Close)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	session, err := mcp.NewClient(&mcp.Implementation{Name: "client", Version: "1"}, client).
		Connect(ctx, &mcp.StreamableClientTransport{Endpoint: listener.URL}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	if got := session.InitializeResult().ProtocolVersion; got != "2026-07-28" {
		t.Fatalf("the client uses %s", got)
	}
	return session
}

func answeringClient() *mcp.ClientOptions {
	return &mcp.ClientOptions{
		CreateMessageHandler: func(context.Context, *mcp.CreateMessageRequest) (*mcp.CreateMessageResult, error) {
			return &mcp.CreateMessageResult{Role: "assistant", Model: "m", Content: &mcp.TextContent{Text: "Paris"}}, nil
		},
		ElicitationHandler: func(_ context.Context, request *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
			return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"name": "Zoë", "colour": "red", "ok": "yes", "context": "c"}}, nil
		},
	}
}

func TestAsksWithoutASession(t *testing.T) {
	session := connectWithoutSession(t, answeringClient())
	for tool, want := range map[string]string{
		"test_input_required_result_elicitation":   "Hello, Zoë!",
		"test_input_required_result_request_state": "state-ok: the state is valid",
		"test_input_required_result_multi_round":   `Zoë: {"colour":"red","context":"c","name":"Zoë","ok":"yes"}`,
		"test_input_required_result_sampling":      `Model response: {"type":"text","text":"Paris"}`,
		"test_input_required_result_list_roots":    "Roots: ",
		"test_x_mcp_header":                        "none",
		"conformance_state":                        "unknown",
	} {
		arguments := map[string]any{}
		if tool == "conformance_state" {
			arguments["key"] = "k"
		}
		if text, isError := call(t, session, tool, arguments); text != want || isError {
			t.Errorf("%s = %q, %v", tool, text, isError)
		}
	}
	prompt, err := session.GetPrompt(t.Context(), &mcp.GetPromptParams{Name: "test_input_required_result_prompt"})
	if err != nil || len(prompt.Messages) != 1 {
		t.Errorf("prompt = %v, %v", prompt, err)
	}
}

func TestReadsResourcesOfTheCaller(t *testing.T) {
	session := connectWithoutSession(t, answeringClient())
	for uri, want := range map[string]string{"test://question": "Hello, Zoë!", "test://whoami": `{"email":null,`} {
		read, err := session.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: uri})
		if err != nil || read.CacheScope != "private" || !strings.HasPrefix(read.Contents[0].Text, want) {
			t.Errorf("%s: %v, %v", uri, read, err)
		}
	}
	_, err := connect(t, nil).ReadResource(t.Context(), &mcp.ReadResourceParams{URI: "test://whoami"})
	if codeOf(err) != -32602 {
		t.Errorf("in a session: %v", err)
	}
}

func TestRefusesWithoutASession(t *testing.T) {
	session := connectWithoutSession(t, &mcp.ClientOptions{
		Capabilities: &mcp.ClientCapabilities{}, MultiRoundTrip: &mcp.MultiRoundTripOptions{Disabled: true},
	})
	_, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "test_missing_capability"})
	if codeOf(err) != mcp.CodeMissingRequiredClientCapabilities {
		t.Errorf("a missing capability: %v", err)
	}
	_, err = session.CallTool(t.Context(), &mcp.CallToolParams{Name: "test_input_required_result_request_state", RequestState: "e30"})
	if codeOf(err) != -32602 {
		t.Errorf("state that is made up: %v", err)
	}
	_, err = session.CallTool(t.Context(), &mcp.CallToolParams{Name: "test_sampling", Arguments: map[string]any{"prompt": "p"}})
	if codeOf(err) != -32602 {
		t.Errorf("a tool of sessions: %v", err)
	}
}

func TestListsTheEntriesOfItsRevision(t *testing.T) {
	inSession, without := connect(t, nil), connectWithoutSession(t, nil)
	for name, test := range map[string]struct {
		session                   *mcp.ClientSession
		tools, prompts, resources int
	}{"with sessions": {inSession, 24, 4, 3}, "without sessions": {without, 35, 5, 5}} {
		tools, err := test.session.ListTools(t.Context(), nil)
		if err != nil || len(tools.Tools) != test.tools {
			t.Errorf("%s: %d tools, %v", name, len(tools.Tools), err)
		}
		prompts, err := test.session.ListPrompts(t.Context(), nil)
		if err != nil || len(prompts.Prompts) != test.prompts {
			t.Errorf("%s: %d prompts, %v", name, len(prompts.Prompts), err)
		}
		resources, err := test.session.ListResources(t.Context(), nil)
		if err != nil || len(resources.Resources) != test.resources {
			t.Errorf("%s: %d resources, %v", name, len(resources.Resources), err)
		}
	}
}

func TestAnnouncesChangesWithoutASession(t *testing.T) {
	changed := make(chan string, 10)
	options := &mcp.ClientOptions{
		ToolListChangedHandler:   func(context.Context, *mcp.ToolListChangedRequest) { changed <- "tools" },
		PromptListChangedHandler: func(context.Context, *mcp.PromptListChangedRequest) { changed <- "prompts" },
	}
	session := connectWithoutSession(t, options)
	call(t, session, "test_trigger_tool_change", nil)
	if got := receive(t, changed); got != "tools" {
		t.Errorf("got %s", got)
	}
	call(t, session, "test_trigger_prompt_change", nil)
	if got := receive(t, changed); got != "prompts" {
		t.Errorf("got %s", got)
	}
}
