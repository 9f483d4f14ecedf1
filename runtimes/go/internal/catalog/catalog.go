// Package catalog defines the tools, resources and prompts of a runtime: the conformance catalog of docs/catalog.md, or
// an empty one.
package catalog

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/identity"
)

// Scope tells a tool who called it, and through which virtual server (AUTH-9).
type Scope struct {
	Caller identity.Caller
	// ServerID is the virtual server of the call, or "".
	ServerID string
	// Owner is the key of the caller's state. The caller's sessions share it, and other callers cannot access it
	// (AUTH-10).
	Owner string
}

// Destination selects the stream that carries a log message.
type Destination int

const (
	// OnRequest is the stream of the request.
	OnRequest Destination = iota
	// OnLive is the live stream of the session.
	OnLive
)

// Call is a tool call in flight. Methods that send block until the reader has room (STREAM-11), and fail when their
// context ends.
type Call interface {
	Scope() Scope
	// Log sends a log message, unless its level is below the caller's minimum (MCP-8).
	Log(ctx context.Context, on Destination, message *mcp.LoggingMessageParams) error
	// ProgressToken returns the caller's progress token as text. It reports false if the request has no token.
	ProgressToken() (string, bool)
	// Progress sends a progress notification if the request has a progress token (MCP-7).
	Progress(ctx context.Context, done, total float64, message string) error
	// Sample asks the caller's model for a message. Without a valid response, it fails with a Failure (MCP-9).
	Sample(ctx context.Context, params *mcp.CreateMessageParams) (*mcp.CreateMessageResult, error)
	// Elicit asks the caller's user to fill in a form. Without a valid response, it fails with a Failure (MCP-9).
	Elicit(ctx context.Context, params *mcp.ElicitParams) (*Elicited, error)
	// Suspend closes the request's stream, but the request keeps running. The caller may resume the stream after retry.
	Suspend(retry time.Duration)
	// ResourceUpdated notifies the subscribers of a resource that it has changed (MCP-10).
	ResourceUpdated(uri string) error
	// Round returns the round of a request of MCP 2026-07-28, or nil in a session.
	Round() Round
}

// Elicited is a user's response to an elicitation.
type Elicited struct {
	// Action is accept, decline or cancel.
	Action string
	// Content is the completed form exactly as the caller sent it, or nil.
	Content json.RawMessage
}

// Era selects the revisions that serve an entry.
type Era int

const (
	// BothEras are all revisions.
	BothEras Era = iota
	// Sessions are the revisions before MCP 2026-07-28.
	Sessions
	// Sessionless is MCP 2026-07-28.
	Sessionless
)

// Tool is a tool. Call receives arguments that match the input schema.
type Tool struct {
	mcp.Tool
	Call func(ctx context.Context, call Call, arguments json.RawMessage) (*mcp.CallToolResult, error)
	Era  Era
}

// Prompt is a prompt. Render receives all required arguments.
type Prompt struct {
	mcp.Prompt
	Render func(arguments map[string]string) []*mcp.PromptMessage
	Era    Era
	// Ask, unless nil, returns a question to the caller, or nil if the prompt can be rendered.
	Ask func(round Round) (*Question, error)
}

// CallerResource is a resource of MCP 2026-07-28 that depends on the caller, so that no cache may share it.
type CallerResource struct {
	mcp.Resource
	// Read returns the text of the resource, or a question to the caller.
	Read func(scope Scope, round Round) (string, *Question, error)
}

// Catalog lists the features of a runtime. initialize declares only features with entries (MCP-2).
type Catalog struct {
	Tools     []Tool
	Resources []mcp.Resource
	Templates []mcp.ResourceTemplate
	// Read returns the contents of a resource, or nil if the URI is unknown.
	Read func(uri string) *mcp.ResourceContents
	// CallerResources are additional resources of MCP 2026-07-28.
	CallerResources []CallerResource
	Prompts         []Prompt
	// Complete returns at most 100 completions of a value (MCP-11). It reports false if the subject is unknown.
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

// Failure is a tool failure whose text is safe to send to the caller. It becomes a result with isError (MCP-4).
type Failure string

func (f Failure) Error() string { return string(f) }

// In returns the part of a catalog that an era serves.
func (c *Catalog) In(era Era) *Catalog {
	part := *c
	other := func(of Era) bool { return of != BothEras && of != era }
	part.Tools = slices.DeleteFunc(slices.Clone(c.Tools), func(tool Tool) bool { return other(tool.Era) })
	if era == Sessions {
		part.CallerResources = nil
	}
	part.Prompts = slices.DeleteFunc(slices.Clone(c.Prompts), func(prompt Prompt) bool { return other(prompt.Era) })
	return &part
}

// Conformance returns the conformance catalog with fresh state.
func Conformance() *Catalog {
	board := newWaitBoard(defaultBoardLimits)
	return &Catalog{
		Tools:     slices.Concat(contentTools(), interactionTools(), inputTools(), contractTools(board)),
		Resources: resources,
		Templates: templates,
		Read:      readResource,

		CallerResources: callerResources,

		Prompts:  prompts,
		Complete: complete,
	}
}

// Empty returns a catalog without entries.
func Empty() *Catalog { return &Catalog{} }
