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

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	entries "github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
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
	catalog := entries.Conformance().In(entries.Sessions)
	server.AddReceivingMiddleware(logEverything)
	for _, tool := range catalog.Tools {
		if err := m.addTool(tool); err != nil {
			return err
		}
	}
	read := func(_ context.Context, request *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
		found := catalog.Read(request.Params.URI)
		if found == nil {
			return nil, mcp.ResourceNotFoundError(request.Params.URI)
		}
		return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{found}}, nil
	}
	for _, resource := range catalog.Resources {
		server.AddResource(&resource, read)
	}
	for _, template := range catalog.Templates {
		server.AddResourceTemplate(&template, read)
	}
	for _, prompt := range catalog.Prompts {
		server.AddPrompt(&prompt.Prompt, prompt.Handler(invalidParams))
	}
	return nil
}

// mount is a server with the catalog.
type mount struct {
	server   *mcp.Server
	callerOf func(context.Context, *mcp.CallToolRequest) (Caller, error)
	logger   *slog.Logger
}

func (m *mount) addTool(tool entries.Tool) error {
	work := tool.Call
	tool.Call = func(ctx context.Context, opened entries.Call, arguments json.RawMessage) (*mcp.CallToolResult, error) {
		call := opened.(*toolCall)
		caller, err := m.callerOf(ctx, call.request)
		if err != nil {
			return nil, err
		}
		if call.scope, err = scopeOf(caller); err != nil {
			return nil, err
		}
		return work(ctx, call, arguments)
	}
	open := func(request *mcp.CallToolRequest) entries.Call { return &toolCall{server: m.server, request: request} }
	handler, err := tool.Handler(open, func(_ context.Context, tool string, err error) {
		m.logger.Error("a tool of the conformance catalog failed", "tool", tool, "error", err)
	})
	if err == nil {
		m.server.AddTool(&tool.Tool, handler)
	}
	return err
}

// anonymous returns the default caller. Its state belongs to its session.
func anonymous(_ context.Context, request *mcp.CallToolRequest) (Caller, error) {
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
