// Package catalog holds what a runtime serves: the conformance catalog, or nothing. docs/catalog.md describes it.
package catalog

import (
	"context"
	"encoding/json"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/identity"
)

// Scope is what a catalog entry sees of the call that it works for (AUTH-9).
type Scope struct {
	Caller identity.Caller
	// ServerID is the virtual server of the call, "" where there is none.
	ServerID string
	// Owner names what is kept for this caller and for no other: equal for all sessions of one owner (AUTH-10).
	Owner string
}

// Destination is where a log message goes.
type Destination int

// The streams of a session.
const (
	// OnRequest is the stream of the request.
	OnRequest Destination = iota
	// OnLive is the live stream of the session.
	OnLive
)

// Call is a tool call under way. Methods that send return when the reader has room for more (STREAM-11), and fail once
// the context has ended.
type Call interface {
	Scope() Scope
	// Log sends a log message, if the level that the caller set allows it (MCP-8).
	Log(ctx context.Context, on Destination, message *mcp.LoggingMessageParams) error
	// ProgressToken is the caller's token as text; false where there is none.
	ProgressToken() (string, bool)
	// Progress sends a progress notification, where there is a token for it (MCP-7).
	Progress(ctx context.Context, done, total float64, message string) error
	// Sample asks the caller's model. It fails with a Failure where the caller cannot be asked (MCP-9).
	Sample(ctx context.Context, params *mcp.CreateMessageParams) (*mcp.CreateMessageResult, error)
	// Elicit asks the caller's user. It fails with a Failure where the caller cannot be asked (MCP-9).
	Elicit(ctx context.Context, params *mcp.ElicitParams) (*Elicited, error)
	// Suspend closes the request's stream while the request goes on; a reader may come back after retry.
	Suspend(retry time.Duration)
	// ResourceUpdated tells every session that subscribed to a resource that it changed (MCP-10).
	ResourceUpdated(ctx context.Context, uri string) error
}

// Elicited is the answer of a caller's user.
type Elicited struct {
	// Action is accept, decline or cancel.
	Action string
	// Content is what was filled in, as the caller wrote it; nil where there is none.
	Content json.RawMessage
}

// Tool is what tools/list says of a tool, and what it does with arguments that fit its input schema.
type Tool struct {
	mcp.Tool
	Call func(ctx context.Context, call Call, arguments json.RawMessage) (*mcp.CallToolResult, error)
}

// Prompt is what prompts/list says of a prompt, and its messages for arguments of which none is missing.
type Prompt struct {
	mcp.Prompt
	Render func(arguments map[string]string) []*mcp.PromptMessage
}

// Catalog is what a runtime serves. What is empty is not declared by initialize (MCP-2).
type Catalog struct {
	Tools     []Tool
	Resources []mcp.Resource
	Templates []mcp.ResourceTemplate
	// Read is the contents under a URI, nil where there are none.
	Read    func(uri string) *mcp.ResourceContents
	Prompts []Prompt
	// Complete completes a value with at most 100 others (MCP-11); false where there is nothing to complete.
	Complete func(subject Subject, value string) ([]string, bool)
}

// Subject is what can be completed: the argument of a prompt, or of a resource template.
type Subject struct {
	// Kind is ref/prompt or ref/resource.
	Kind string
	// Name is the name of the prompt, or the URI template.
	Name     string
	Argument string
}

// Failure is the failure of a tool that its caller may read about: a result with isError (MCP-4).
type Failure string

func (f Failure) Error() string { return string(f) }

// Conformance makes the conformance catalog with fresh state: one for each runtime.
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

// Empty makes a catalog without anything in it.
func Empty() *Catalog { return &Catalog{} }
