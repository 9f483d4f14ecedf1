// Package mcpserver serves MCP with the SDK: one server for the catalog, with one connection per session.
package mcpserver

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	sdkrpc "github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/params"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stack"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

// Revisions returns the supported MCP revisions, latest first. All of them have sessions.
func Revisions() []string {
	return []string{"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"}
}

// HasPrimingEvents reports whether streams of a revision begin with an event that has an id and no data.
func HasPrimingEvents(revision string) bool { return revision >= "2025-11-25" }

// Options configure a server.
type Options struct {
	Catalog       *catalog.Catalog
	Version       string
	Subscriptions SubscriptionLimits
	// ResourceUpdated, unless nil, also receives the changes of resources that a tool announces.
	ResourceUpdated func(uri string) error
	// Logger records unexpected failures, without caller data.
	Logger *slog.Logger
}

// Server serves a catalog to any number of sessions.
type Server struct {
	options       Options
	sdk           *mcp.Server
	subscriptions *subscriptions
	// methods lists the supported methods, which depend on the catalog entries (MCP-2).
	methods map[string]bool
}

// New returns a server. It fails if the input schema of a tool is invalid.
func New(options Options) (*Server, error) {
	entries := options.Catalog
	capabilities := &mcp.ServerCapabilities{Logging: &mcp.LoggingCapabilities{}}
	s := &Server{
		options:       options,
		subscriptions: newSubscriptions(options.Subscriptions),
		methods:       map[string]bool{"initialize": true, "ping": true, "logging/setLevel": true},
	}
	if entries.Tools != nil {
		capabilities.Tools = &mcp.ToolCapabilities{}
		s.serve("tools/list", "tools/call")
	}
	if entries.Read != nil {
		capabilities.Resources = &mcp.ResourceCapabilities{Subscribe: true}
		s.serve("resources/list", "resources/templates/list", "resources/read", "resources/subscribe",
			"resources/unsubscribe")
	}
	if entries.Prompts != nil {
		capabilities.Prompts = &mcp.PromptCapabilities{}
		s.serve("prompts/list", "prompts/get")
	}
	if entries.Complete != nil {
		capabilities.Completions = &mcp.CompletionCapabilities{}
		s.serve("completion/complete")
	}
	s.sdk = mcp.NewServer(&mcp.Implementation{Name: "mcp-runtime-conformance", Version: options.Version},
		&mcp.ServerOptions{Capabilities: capabilities, SupportedProtocolVersions: Revisions()})
	s.sdk.AddReceivingMiddleware(s.receive)
	return s, s.bind()
}

// check refuses unsupported methods (MCP-2) and invalid params (JSONRPC-9).
func (s *Server) check(request *jsonrpc.Message) *failure.RPC {
	if !s.methods[request.Method] {
		return failure.MethodNotFound()
	}
	if invalid := params.Check(request.Method, request.Params); invalid != "" {
		return failure.InvalidParams("The params of " + request.Method + " are invalid: " + invalid)
	}
	return nil
}

func (s *Server) serve(methods ...string) {
	for _, method := range methods {
		s.methods[method] = true
	}
}

// ResourceUpdated tells the subscribers of a resource that it has changed (MCP-10).
func (s *Server) ResourceUpdated(uri string) error { return s.subscriptions.notify(uri) }

// Connect opens the connection of a session, whose owner is "" for an anonymous caller. Messages that do not belong to a
// request go to the live stream.
func (s *Server) Connect(owner string, live *stream.Stream) (*Conn, error) {
	conn := &Conn{
		server:    s,
		owner:     owner,
		live:      live,
		incoming:  make(chan sdkrpc.Message),
		closed:    make(chan struct{}),
		exchanges: map[int64]*Exchange{},
	}
	// By default, the SDK sends no log messages until the caller sets a level, but MCP-8 requires all of them.
	state := &mcp.ServerSessionState{LogLevel: "debug"}
	_, err := s.sdk.Connect(context.Background(), transport{conn}, &mcp.ServerSessionOptions{State: state})
	return conn, err
}

// receive is middleware that connects the SDK's handling of a request to its exchange. It routes the messages of the
// request, propagates cancellation, and turns a panic into a failure of the request. It handles the methods for which
// the SDK deviates from the contract.
func (s *Server) receive(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, request mcp.Request) (result mcp.Result, err error) {
		stack.Grow()
		exchange := exchangeOf(request.GetExtra())
		if exchange == nil {
			return next(ctx, method, request)
		}
		defer func() {
			if value := recover(); value != nil {
				s.options.Logger.Error("a request panicked", "method", method, failure.Panic(value))
				result, err = nil, fmt.Errorf("%s panicked", method)
			}
		}()
		ctx, cancel := exchange.begin(ctx)
		defer cancel()
		switch params := request.GetParams().(type) {
		case *mcp.ReadResourceParams:
			return s.read(params.URI)
		case *mcp.SubscribeParams:
			return s.subscribe(exchange.conn, params.URI)
		case *mcp.UnsubscribeParams:
			s.subscriptions.remove(exchange.conn, params.URI)
			return &empty{}, nil
		case *mcp.CompleteParams:
			return s.complete(params)
		}
		return next(ctx, method, request)
	}
}

func (s *Server) bind() error {
	entries := s.options.Catalog
	for _, tool := range entries.Tools {
		if err := s.bindTool(tool); err != nil {
			return err
		}
	}
	for _, resource := range entries.Resources {
		s.sdk.AddResource(&resource, nil)
	}
	for _, template := range entries.Templates {
		s.sdk.AddResourceTemplate(&template, nil)
	}
	for _, prompt := range entries.Prompts {
		s.sdk.AddPrompt(&prompt.Prompt, prompt.Handler(func(message string) error { return failure.InvalidParams(message) }))
	}
	return nil
}

func (s *Server) bindTool(tool catalog.Tool) error {
	open := func(request *mcp.CallToolRequest) catalog.Call {
		return &toolCall{s, request, exchangeOf(request.Extra)}
	}
	handler, err := tool.Handler(open, s.toolFailed)
	if err == nil {
		s.sdk.AddTool(&tool.Tool, handler)
	}
	return err
}

type empty struct{ mcp.ResultBase }

// contents is a result of resources/read.
type contents struct {
	mcp.ResultBase
	Contents []*mcp.ResourceContents `json:"contents"`
}

// read handles resources/read. The SDK alone would find only URIs to which the template can expand, but callers can
// also subscribe to other URIs.
func (s *Server) read(uri string) (mcp.Result, error) {
	found := s.options.Catalog.Read(uri)
	if found == nil {
		return nil, failure.NewRPC(failure.NotFound, failure.CodeResourceNotFound, "resource_not_found", "uri: no such resource")
	}
	return &contents{Contents: []*mcp.ResourceContents{found}}, nil
}

func (s *Server) subscribe(conn *Conn, uri string) (mcp.Result, error) {
	if _, err := s.read(uri); err != nil {
		return nil, err
	}
	if len(uri) > s.options.Subscriptions.URIBytes {
		return nil, failure.InvalidParams("uri: is too long for a subscription")
	}
	if !s.subscriptions.add(conn, uri) {
		return nil, failure.NewRPC(failure.RateLimited, failure.CodeServerError, "too_many_subscriptions",
			"uri: the session or its caller has too many subscriptions")
	}
	return &empty{}, nil
}

// completion is a result of completion/complete with all members. The SDK omits members with zero values.
type completion struct {
	mcp.ResultBase
	Completion struct {
		Values  []string `json:"values"`
		Total   int      `json:"total"`
		HasMore bool     `json:"hasMore"`
	} `json:"completion"`
}

func (s *Server) complete(params *mcp.CompleteParams) (mcp.Result, error) {
	subject := catalog.Subject{Kind: params.Ref.Type, Name: params.Ref.Name, Argument: params.Argument.Name}
	if params.Ref.Type == "ref/resource" {
		subject.Name = params.Ref.URI
	}
	values, ok := s.options.Catalog.Complete(subject, params.Argument.Value)
	if !ok {
		return nil, failure.InvalidParams("ref: no such prompt, resource template or argument")
	}
	result := &completion{}
	result.Completion.Values, result.Completion.Total = values, len(values)
	return result, nil
}

// negotiate returns the revision that initialize selects for a requested one (INIT-2, INIT-3).
func negotiate(requested string) string {
	if slices.Contains(Revisions(), requested) {
		return requested
	}
	return Revisions()[0]
}
