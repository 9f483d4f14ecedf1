// Package mcpserver is MCP itself: the SDK's server over a catalog, with one connection for each session.
package mcpserver

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"
	sdkrpc "github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

// Revisions are the MCP revisions with a handshake and sessions, which are those served, latest first.
func Revisions() []string {
	return []string{"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"}
}

// HasPrimingEvents says whether streams of a revision begin with an event that carries an id and no data.
func HasPrimingEvents(revision string) bool { return revision >= "2025-11-25" }

// Options are what a server needs.
type Options struct {
	Catalog *catalog.Catalog
	Version string
	// MaxSubscriptions is how many resources a session may subscribe to.
	MaxSubscriptions int
	// Logger hears of what failed unexpectedly; never of what a caller sent.
	Logger *slog.Logger
}

// Server serves a catalog to any number of sessions.
type Server struct {
	options Options
	sdk     *mcp.Server
	// methods are those that the catalog gives something to serve (MCP-2).
	methods map[string]bool
}

// New makes a server. It fails where a tool's input schema cannot be compiled.
func New(options Options) (*Server, error) {
	shelf := options.Catalog
	capabilities := &mcp.ServerCapabilities{Logging: &mcp.LoggingCapabilities{}}
	s := &Server{options: options, methods: map[string]bool{"initialize": true, "ping": true, "logging/setLevel": true}}
	sdkOptions := &mcp.ServerOptions{Capabilities: capabilities, SupportedProtocolVersions: Revisions()}
	if shelf.Tools != nil {
		capabilities.Tools = &mcp.ToolCapabilities{}
		s.serve("tools/list", "tools/call")
	}
	if shelf.Read != nil {
		capabilities.Resources = &mcp.ResourceCapabilities{Subscribe: true}
		sdkOptions.SubscribeHandler = s.subscribe
		sdkOptions.UnsubscribeHandler = s.unsubscribe
		s.serve("resources/list", "resources/templates/list", "resources/read", "resources/subscribe",
			"resources/unsubscribe")
	}
	if shelf.Prompts != nil {
		capabilities.Prompts = &mcp.PromptCapabilities{}
		s.serve("prompts/list", "prompts/get")
	}
	if shelf.Complete != nil {
		capabilities.Completions = &mcp.CompletionCapabilities{}
		sdkOptions.CompletionHandler = s.complete
		s.serve("completion/complete")
	}
	s.sdk = mcp.NewServer(&mcp.Implementation{Name: "mcp-runtime-conformance", Version: options.Version}, sdkOptions)
	s.sdk.AddReceivingMiddleware(s.receive)
	return s, s.bind()
}

func (s *Server) serve(methods ...string) {
	for _, method := range methods {
		s.methods[method] = true
	}
}

// Connect makes the connection of a session. Messages that belong to no request go to its live stream.
func (s *Server) Connect(live *stream.Stream) (*Conn, error) {
	conn := &Conn{
		server:        s,
		live:          live,
		incoming:      make(chan sdkrpc.Message),
		closed:        make(chan struct{}),
		exchanges:     map[int64]*Exchange{},
		subscriptions: map[string]struct{}{},
		questions:     map[sdkrpc.ID]*question{},
	}
	// The SDK sends no log message before a level is set; every message is sent here (MCP-8).
	state := &mcp.ServerSessionState{LogLevel: "debug"}
	_, err := s.sdk.Connect(context.Background(), transport{conn}, &mcp.ServerSessionOptions{State: state})
	return conn, err
}

// receive ties what the SDK carries out to its exchange: its messages find their way, its cancellation reaches the work,
// and a panic ends the request alone.
func (s *Server) receive(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, request mcp.Request) (result mcp.Result, err error) {
		exchange := exchangeOf(request.GetExtra())
		if exchange == nil {
			return next(ctx, method, request)
		}
		defer func() {
			if failed := recover(); failed != nil {
				s.options.Logger.Error("a request failed unexpectedly", "method", method, "panic", fmt.Sprintf("%T", failed))
				result, err = nil, fmt.Errorf("%s panicked", method)
			}
		}()
		ctx, cancel := context.WithCancel(withRoute(ctx, route{exchange: exchange}))
		defer cancel()
		defer context.AfterFunc(exchange.ctx, cancel)()
		if read, ok := request.GetParams().(*mcp.ReadResourceParams); ok {
			return s.read(read.URI)
		}
		result, err = next(ctx, method, request)
		if completed, ok := result.(*mcp.CompleteResult); ok && err == nil {
			return wholeCompletion(completed), nil
		}
		return result, err
	}
}

func (s *Server) bind() error {
	shelf := s.options.Catalog
	for _, tool := range shelf.Tools {
		if err := s.bindTool(tool); err != nil {
			return err
		}
	}
	for _, resource := range shelf.Resources {
		s.sdk.AddResource(&resource, nil)
	}
	for _, template := range shelf.Templates {
		s.sdk.AddResourceTemplate(&template, nil)
	}
	for _, prompt := range shelf.Prompts {
		s.bindPrompt(prompt)
	}
	return nil
}

func (s *Server) bindTool(tool catalog.Tool) error {
	var schema jsonschema.Schema
	text, err := json.Marshal(tool.InputSchema)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		return fmt.Errorf("input schema of %s: %w", tool.Name, err)
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		return fmt.Errorf("input schema of %s: %w", tool.Name, err)
	}
	s.sdk.AddTool(&tool.Tool, func(ctx context.Context, request *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		arguments := request.Params.Arguments
		if arguments == nil {
			arguments = json.RawMessage("{}")
		}
		var values any
		if json.Unmarshal(arguments, &values) != nil || resolved.Validate(values) != nil {
			return failedTool("Invalid arguments for " + tool.Name + ": they do not fit the input schema"), nil
		}
		result, err := tool.Call(ctx, &toolCall{s, request, exchangeOf(request.Extra)}, arguments)
		return s.toolResult(ctx, tool.Name, result, err), nil
	})
	return nil
}

func (s *Server) bindPrompt(prompt catalog.Prompt) {
	s.sdk.AddPrompt(&prompt.Prompt, func(_ context.Context, request *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		for _, argument := range prompt.Arguments {
			if _, given := request.Params.Arguments[argument.Name]; argument.Required && !given {
				return nil, failure.InvalidParams("arguments." + argument.Name + ": is missing")
			}
		}
		messages := prompt.Render(request.Params.Arguments)
		return &mcp.GetPromptResult{Description: prompt.Description, Messages: messages}, nil
	})
}

// contents is a result of resources/read.
type contents struct {
	mcp.ResultBase
	Contents []*mcp.ResourceContents `json:"contents"`
}

// read answers in place of the SDK, which finds no template for URIs with other characters than an expansion has: what
// can be read here and what can be subscribed to is the same.
func (s *Server) read(uri string) (mcp.Result, error) {
	if err := s.existing(uri); err != nil {
		return nil, err
	}
	return &contents{Contents: []*mcp.ResourceContents{s.options.Catalog.Read(uri)}}, nil
}

// existing fails for a URI that cannot be read.
func (s *Server) existing(uri string) error {
	if s.options.Catalog.Read(uri) != nil {
		return nil
	}
	return &failure.RPC{
		Category: failure.NotFound,
		Code:     failure.CodeResourceNotFound,
		Reason:   "resource_not_found",
		Message:  "uri: no such resource",
	}
}

// subscribe bounds what the SDK keeps for a session.
func (s *Server) subscribe(_ context.Context, request *mcp.SubscribeRequest) error {
	uri := request.Params.URI
	if err := s.existing(uri); err != nil {
		return err
	}
	exchange := exchangeOf(request.Extra)
	if exchange == nil || !exchange.conn.addSubscription(uri, s.options.MaxSubscriptions) {
		return &failure.RPC{
			Category: failure.RateLimited,
			Code:     failure.CodeServerError,
			Reason:   "too_many_subscriptions",
			Message:  "uri: the session has too many subscriptions",
		}
	}
	return nil
}

func (s *Server) unsubscribe(_ context.Context, request *mcp.UnsubscribeRequest) error {
	if exchange := exchangeOf(request.Extra); exchange != nil {
		exchange.conn.removeSubscription(request.Params.URI)
	}
	return nil
}

func (s *Server) complete(_ context.Context, request *mcp.CompleteRequest) (*mcp.CompleteResult, error) {
	ref, argument := request.Params.Ref, request.Params.Argument
	subject := catalog.Subject{Kind: ref.Type, Name: ref.Name, Argument: argument.Name}
	if ref.Type == "ref/resource" {
		subject.Name = ref.URI
	}
	values, ok := s.options.Catalog.Complete(subject, argument.Value)
	if !ok {
		return nil, failure.InvalidParams("ref: no such prompt or resource template, or argument")
	}
	return &mcp.CompleteResult{Completion: mcp.CompletionResultDetails{Values: values, Total: len(values)}}, nil
}

// completion is a result of completion/complete with all of its members: the SDK leaves out those that are zero.
type completion struct {
	mcp.ResultBase
	Completion struct {
		Values  []string `json:"values"`
		Total   int      `json:"total"`
		HasMore bool     `json:"hasMore"`
	} `json:"completion"`
}

func wholeCompletion(completed *mcp.CompleteResult) *completion {
	whole := &completion{}
	whole.Completion.Values = completed.Completion.Values
	whole.Completion.Total = completed.Completion.Total
	whole.Completion.HasMore = completed.Completion.HasMore
	return whole
}

// served is the revision that initialize negotiates for the one that the caller asks for (INIT-2, INIT-3).
func served(requested string) string {
	if slices.Contains(Revisions(), requested) {
		return requested
	}
	return Revisions()[0]
}
