// Package catalog holds the tools, resources and prompts that a runtime serves: the conformance catalog of
// docs/catalog.md, or none.
package catalog

import (
	"context"
	"encoding/json"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/identity"
)

// Scope is what a tool may know about its call (AUTH-9).
type Scope struct {
	Caller identity.Caller
	// ServerID is the virtual server of the call, "" for none.
	ServerID string
	// Owner identifies state that all sessions of this caller share, and no other caller sees (AUTH-10).
	Owner string
}

// Destination is where a log message goes.
type Destination int

const (
	// OnRequest is the stream of the request.
	OnRequest Destination = iota
	// OnLive is the live stream of the session.
	OnLive
)

// Call is a tool call in flight. Methods that send block until the reader has room (STREAM-11), and fail if their context
// ends.
type Call interface {
	Scope() Scope
	// Log sends a log message, unless it is below the caller's level (MCP-8).
	Log(ctx context.Context, on Destination, message *mcp.LoggingMessageParams) error
	// ProgressToken returns the caller's token as text, and whether there is one.
	ProgressToken() (string, bool)
	// Progress sends a progress notification if there is a token (MCP-7).
	Progress(ctx context.Context, done, total float64, message string) error
	// Sample asks the caller's model. It fails with a Failure if the caller cannot be asked (MCP-9).
	Sample(ctx context.Context, params *mcp.CreateMessageParams) (*mcp.CreateMessageResult, error)
	// Elicit asks the caller's user. It fails with a Failure if the caller cannot be asked (MCP-9).
	Elicit(ctx context.Context, params *mcp.ElicitParams) (*Elicited, error)
	// Suspend closes the request's stream while the request goes on. The caller may resume it after retry.
	Suspend(retry time.Duration)
	// ResourceUpdated tells all subscribers of a resource that it changed (MCP-10).
	ResourceUpdated(uri string) error
}

// Elicited is the answer of a caller's user.
type Elicited struct {
	// Action is accept, decline or cancel.
	Action string
	// Content is the filled-in form as the caller wrote it, or nil.
	Content json.RawMessage
}

// Tool is a tool. Call gets arguments that match the input schema.
type Tool struct {
	mcp.Tool
	Call func(ctx context.Context, call Call, arguments json.RawMessage) (*mcp.CallToolResult, error)
}

// Prompt is a prompt. Render gets all required arguments.
type Prompt struct {
	mcp.Prompt
	Render func(arguments map[string]string) []*mcp.PromptMessage
}

// Catalog is what a runtime serves. initialize does not declare empty members (MCP-2).
type Catalog struct {
	Tools     []Tool
	Resources []mcp.Resource
	Templates []mcp.ResourceTemplate
	// Read returns the contents of a URI, or nil.
	Read    func(uri string) *mcp.ResourceContents
	Prompts []Prompt
	// Complete returns at most 100 completions of a value (MCP-11), and whether the subject can be completed.
	Complete func(subject Subject, value string) ([]string, bool)
}

// Subject is an argument of a prompt or of a resource template.
type Subject struct {
	// Kind is ref/prompt or ref/resource.
	Kind string
	// Name is the name of the prompt, or the URI template.
	Name     string
	Argument string
}

// Failure is a failure of a tool that the caller may read. It becomes a result with isError (MCP-4).
type Failure string

func (f Failure) Error() string { return string(f) }

// Conformance returns the conformance catalog with state of its own.
func Conformance() *Catalog {
	board := newWaitBoard(defaultBoardLimits)
	tools := append(contentTools(), interactionTools()...)
	return &Catalog{
		Tools:     append(tools, contractTools(board)...),
		Resources: resources,
		Templates: templates,
		Read:      readResource,
		Prompts:   prompts,
		Complete:  complete,
	}
}

// Empty returns a catalog without entries.
func Empty() *Catalog { return &Catalog{} }
