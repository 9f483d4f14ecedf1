// Package catalog is the conformance catalog (docs/catalog.md) for servers written with the Go SDK for MCP. It adds the
// tools, resources and prompts that the cases of mcp-runtime-conformance use:
//
//	server := mcp.NewServer(&mcp.Implementation{Name: "mine", Version: "1.0.0"}, catalog.ServerOptions())
//	err := catalog.Mount(server)
//
// Use it in test builds only: its tools block, flood and fail on request.
package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	entries "github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/state"
)

// Caller is the caller of a tool, as conformance_whoami reports it.
type Caller struct {
	// Claims is a JSON object with the claims of the auth context. Nil means an anonymous caller.
	Claims json.RawMessage
	// ServerID is the virtual server of the call, or "".
	ServerID string
	// Owner is the key of the state that the caller's sessions share, such as its email. Use a value that belongs to
	// one session for an anonymous caller.
	Owner string
}

// Option changes how Mount adds the catalog.
type Option func(*mount)

// WithCaller sets the function that returns the caller of a tool. By default, every session is an anonymous caller.
// Prompts and resources of MCP 2026-07-28 ask for the caller of a tool with an empty name.
func WithCaller(callerOf func(context.Context, *mcp.CallToolRequest) (Caller, error)) Option {
	return func(m *mount) { m.callerOf = callerOf }
}

// WithLogger sets the logger for unexpected failures of tools. Default: slog.Default.
func WithLogger(logger *slog.Logger) Option {
	return func(m *mount) { m.logger = logger }
}

// ServerOptions returns the options of a server that serves the whole catalog: subscriptions and completion need
// handlers that a server receives when it is created.
func ServerOptions() *mcp.ServerOptions {
	catalog := entries.Conformance()
	return &mcp.ServerOptions{
		SubscribeHandler: func(_ context.Context, request *mcp.SubscribeRequest) error {
			if catalog.Read(request.Params.URI) == nil {
				return mcp.ResourceNotFoundError(request.Params.URI)
			}
			return nil
		},
		UnsubscribeHandler: func(context.Context, *mcp.UnsubscribeRequest) error { return nil },
		CompletionHandler: func(_ context.Context, request *mcp.CompleteRequest) (*mcp.CompleteResult, error) {
			return complete(catalog, request.Params)
		},
	}
}

// Mount adds the catalog to a server. Without the options of ServerOptions, the server has neither subscriptions nor
// completion, and the kit reports their cases as not declared.
func Mount(server *mcp.Server, options ...Option) error {
	m := &mount{server: server, callerOf: anonymous, logger: slog.Default()}
	for _, option := range options {
		option(m)
	}
	catalog := entries.Conformance()
	sealer, err := state.NewSealer(nil, stateLifetime)
	if err != nil {
		return err
	}
	m.sealer, m.catalog = sealer, catalog
	server.AddReceivingMiddleware(logEverything, erasOf(catalog).filter)
	for _, tool := range catalog.Tools {
		if err := m.addTool(tool); err != nil {
			return err
		}
	}
	for _, resource := range catalog.Resources {
		m.addResource(resource)
	}
	for _, resource := range catalog.CallerResources {
		m.addCallerResource(resource)
	}
	for _, template := range catalog.Templates {
		server.AddResourceTemplate(&template, m.read)
	}
	for _, prompt := range catalog.Prompts {
		m.addPrompt(prompt)
	}
	return nil
}

// mount is a server with the catalog.
type mount struct {
	server   *mcp.Server
	callerOf func(context.Context, *mcp.CallToolRequest) (Caller, error)
	logger   *slog.Logger
	// sealer protects the state of questions in MCP 2026-07-28.
	sealer  *state.Sealer
	catalog *entries.Catalog
}

func (m *mount) addResource(resource mcp.Resource) { m.server.AddResource(&resource, m.read) }

func (m *mount) read(_ context.Context, request *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
	found := m.catalog.Read(request.Params.URI)
	if found == nil {
		return nil, mcp.ResourceNotFoundError(request.Params.URI)
	}
	return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{found}}, nil
}

// stateLifetime is the time for which the state of a question is valid.
const stateLifetime = 10 * time.Minute

func (m *mount) addTool(tool entries.Tool) error {
	run, err := tool.Runner(func(_ context.Context, tool string, err error) {
		m.logger.Error("a tool of the conformance catalog failed", "tool", tool, "error", err)
	})
	if err != nil {
		return err
	}
	var add func()
	add = func() {
		m.server.AddTool(&tool.Tool, func(ctx context.Context, request *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			call, err := m.open(ctx, request, add)
			if err != nil {
				return nil, err
			}
			result, err := run(ctx, call, request.Params.Arguments)
			return result, protocolError(err)
		})
	}
	add()
	return nil
}

// scope returns the caller of a request.
func (m *mount) scope(ctx context.Context, request *mcp.CallToolRequest) (entries.Scope, error) {
	caller, err := m.callerOf(ctx, request)
	if err != nil {
		return entries.Scope{}, err
	}
	return scopeOf(caller)
}

// open returns the call of a request. announce makes the server announce a change of its tools.
func (m *mount) open(ctx context.Context, request *mcp.CallToolRequest, announce func()) (*toolCall, error) {
	scope, err := m.scope(ctx, request)
	if err != nil {
		return nil, err
	}
	call := &toolCall{server: m.server, request: request, scope: scope}
	if !isSessionless(request) {
		return call, nil
	}
	params := map[string]any{"name": request.Params.Name, "arguments": request.Params.Arguments}
	call.round, err = m.newRound(scope, roundRequest{
		method: "tools/call", params: params, capabilities: request.ClientCapabilities(),
		answers: request.Params.InputResponses, state: request.Params.RequestState,
	})
	if call.round != nil {
		call.round.announceTools = announce
	}
	return call, err
}

// anonymous returns the default caller. Its state belongs to its session. Without sessions, all callers are one.
func anonymous(_ context.Context, request *mcp.CallToolRequest) (Caller, error) {
	if isSessionless(request) {
		return Caller{Owner: "anonymous"}, nil
	}
	return Caller{Owner: fmt.Sprintf("session %p", request.Session)}, nil
}

// logEverything is middleware that sends all log messages until the caller sets a level. The SDK alone would send none.
func logEverything(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, request mcp.Request) (mcp.Result, error) {
		result, err := next(ctx, method, request)
		session, ok := request.GetSession().(*mcp.ServerSession)
		if err != nil || method != "initialize" || !ok {
			return result, err
		}
		level := &mcp.ServerRequest[*mcp.SetLoggingLevelParams]{
			Session: session,
			Params:  &mcp.SetLoggingLevelParams{Level: "debug"},
			Extra:   request.GetExtra(),
		}
		_, err = next(ctx, "logging/setLevel", level)
		return result, err
	}
}

func complete(catalog *entries.Catalog, params *mcp.CompleteParams) (*mcp.CompleteResult, error) {
	subject := entries.Subject{Kind: params.Ref.Type, Name: params.Ref.Name, Argument: params.Argument.Name}
	if params.Ref.Type == "ref/resource" {
		subject.Name = params.Ref.URI
	}
	values, known := catalog.Complete(subject, params.Argument.Value)
	if !known {
		return nil, invalidParams("ref: no such prompt, resource template or argument")
	}
	details := mcp.CompletionResultDetails{Values: values, Total: len(values)}
	return &mcp.CompleteResult{Completion: details}, nil
}

func invalidParams(message string) error {
	return &jsonrpc.Error{Code: jsonrpc.CodeInvalidParams, Message: message}
}
