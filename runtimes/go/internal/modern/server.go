package modern

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/state"
)

// Options configure a server.
type Options struct {
	Catalog *catalog.Catalog
	Version string
	// MaxSubscriptions limits the open subscriptions.
	MaxSubscriptions int
	// MaxSubscriptionsPerCaller limits the open subscriptions of a caller with an identity.
	MaxSubscriptionsPerCaller int
	// BufferBytes limits the text pending for the reader of a subscription. Above it, the reader's call fails.
	BufferBytes int
	// StateSecret protects the state of questions. If it is nil, state does not outlive the server.
	StateSecret []byte
	// StateLifetime is the time for which the state of a question is valid.
	StateLifetime time.Duration
	// ResourceUpdated, unless nil, also receives the changes of resources that a tool announces.
	ResourceUpdated func(uri string) error
	// Logger records unexpected failures, without caller data.
	Logger *slog.Logger
}

// Server serves a catalog. Its open subscriptions are the only state that it keeps between requests.
type Server struct {
	options       Options
	sealer        *state.Sealer
	subscriptions *subscriptions
	identity      json.RawMessage
	// methods lists the supported methods, which depend on the catalog entries (MODERN-10).
	methods map[string]method
	tools   map[string]tool
	prompts map[string]catalog.Prompt
	// closed ends when the server closes, and ends the requests in flight.
	closed context.Context
	close  context.CancelFunc
}

// method executes a request and returns the members of its result, or fails with a *failure.RPC.
type method func(ctx context.Context, request *Request, send Send) (*result, error)

type tool struct {
	run func(ctx context.Context, call catalog.Call, arguments json.RawMessage) (*mcp.CallToolResult, error)
	// repeated are the arguments that header fields repeat.
	repeated []headerArgument
}

// listMethod is the method that opens a subscription.
const listenMethod = "subscriptions/listen"

// New returns a server. It fails if the input schema of a tool is invalid.
func New(options Options) (*Server, error) {
	sealer, err := state.NewSealer(options.StateSecret, options.StateLifetime)
	if err != nil {
		return nil, err
	}
	identity, err := jsonrpc.Encode(map[string]any{mcp.MetaKeyServerInfo: mcp.Implementation{
		Name: "mcp-runtime-conformance", Version: options.Version,
	}})
	if err != nil {
		return nil, err
	}
	s := &Server{
		options:  options,
		sealer:   sealer,
		identity: identity,
		methods:  map[string]method{},
		tools:    map[string]tool{},
		prompts:  map[string]catalog.Prompt{},
	}
	s.closed, s.close = context.WithCancel(context.Background())
	s.subscriptions = newSubscriptions(s)
	return s, s.bind()
}

// bind adds the entries of the catalog and their methods. The lists depend neither on the caller nor on earlier
// requests, so they are encoded once.
func (s *Server) bind() error {
	entries := s.options.Catalog
	capabilities := map[string]any{"logging": empty}
	if entries.Tools != nil {
		capabilities["tools"] = map[string]bool{"listChanged": true}
		s.methods["tools/call"] = s.callTool
		s.methods["tools/list"] = shared(map[string]any{"tools": toolsOf(entries)})
	}
	if entries.Read != nil {
		capabilities["resources"] = map[string]bool{"listChanged": true, "subscribe": true}
		s.methods["resources/list"] = shared(map[string]any{"resources": resourcesOf(entries)})
		s.methods["resources/templates/list"] = shared(map[string]any{"resourceTemplates": entries.Templates})
		s.methods["resources/read"] = s.readResource
	}
	if entries.Prompts != nil {
		capabilities["prompts"] = map[string]bool{"listChanged": true}
		s.methods["prompts/get"] = s.getPrompt
		s.methods["prompts/list"] = shared(map[string]any{"prompts": promptsOf(entries)})
	}
	if entries.Complete != nil {
		capabilities["completions"] = empty
		s.methods["completion/complete"] = s.complete
	}
	s.methods["server/discover"] = shared(map[string]any{
		"supportedVersions": []string{Revision}, "capabilities": capabilities,
	})
	if len(s.methods) > 1 {
		s.methods[listenMethod] = nil // Listen serves it.
	}
	for _, prompt := range entries.Prompts {
		s.prompts[prompt.Name] = prompt
	}
	for _, entry := range entries.Tools {
		run, err := entry.Runner(s.toolFailed)
		if err != nil {
			return err
		}
		repeated, err := headerArguments(entry)
		if err != nil {
			return fmt.Errorf("input schema of %s: %w", entry.Name, err)
		}
		s.tools[entry.Name] = tool{run, repeated}
	}
	return nil
}

// ResourceUpdated tells the subscribers of a resource that it has changed.
func (s *Server) ResourceUpdated(uri string) error { return s.subscriptions.resourceUpdated(uri) }

// EndSubscriptions ends every subscription with its result (MODERN-20). Later subscriptions end as soon as they open.
func (s *Server) EndSubscriptions() { s.subscriptions.endAll() }

// Close ends every request in flight. It does not wait for them.
func (s *Server) Close() {
	s.EndSubscriptions()
	s.close()
}

// toolFailed records a failure that the caller must not see, unless the call has ended.
func (s *Server) toolFailed(ctx context.Context, tool string, err error) {
	if ctx.Err() == nil {
		s.options.Logger.Error("a tool failed", "tool", tool, "error", err)
	}
}

var empty = struct{}{}

func toolsOf(entries *catalog.Catalog) []mcp.Tool {
	tools := make([]mcp.Tool, 0, len(entries.Tools))
	for _, entry := range entries.Tools {
		tools = append(tools, entry.Tool)
	}
	return tools
}

func resourcesOf(entries *catalog.Catalog) []mcp.Resource {
	resources := slices.Clone(entries.Resources)
	for _, entry := range entries.CallerResources {
		resources = append(resources, entry.Resource)
	}
	return resources
}

func promptsOf(entries *catalog.Catalog) []mcp.Prompt {
	prompts := make([]mcp.Prompt, 0, len(entries.Prompts))
	for _, entry := range entries.Prompts {
		prompts = append(prompts, entry.Prompt)
	}
	return prompts
}
