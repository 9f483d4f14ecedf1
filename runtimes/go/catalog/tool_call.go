package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	entries "github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/identity"
)

// responseTimeout is the time limit for the caller's response to a server request.
const responseTimeout = time.Minute

// toolCall is a tool call in flight on an SDK server.
type toolCall struct {
	server  *mcp.Server
	request *mcp.CallToolRequest
	scope   entries.Scope
	// round is nil in a session.
	round *round
}

func scopeOf(caller Caller) (entries.Scope, error) {
	scope := entries.Scope{Caller: identity.Anonymous(), ServerID: caller.ServerID, Owner: caller.Owner}
	if caller.Claims == nil {
		return scope, nil
	}
	claims, err := identity.ParseClaims(caller.Claims)
	scope.Caller = identity.Caller{Owner: caller.Owner, Claims: claims}
	return scope, err
}

func (c *toolCall) Scope() entries.Scope { return c.scope }

func (c *toolCall) Log(ctx context.Context, on entries.Destination, message *mcp.LoggingMessageParams) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if on == entries.OnLive && c.round != nil {
		return entries.Failure("This MCP revision has no live stream")
	}
	if on == entries.OnLive {
		// A context without the values of the request belongs to no request, so the SDK uses the live stream.
		live, cancel := context.WithCancel(context.Background())
		defer cancel()
		defer context.AfterFunc(ctx, cancel)()
		ctx = live
	}
	return c.request.Session.Log(ctx, message)
}

func (c *toolCall) ProgressToken() (string, bool) {
	token := c.request.Params.GetProgressToken()
	return fmt.Sprint(token), token != nil
}

func (c *toolCall) Progress(ctx context.Context, done, total float64, message string) error {
	token := c.request.Params.GetProgressToken()
	if token == nil {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return c.request.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{
		ProgressToken: token, Progress: done, Total: total, Message: message,
	})
}

// declared returns the capabilities of the client.
func (c *toolCall) declared() mcp.ClientCapabilities {
	if params := c.request.Session.InitializeParams(); params != nil && params.Capabilities != nil {
		return *params.Capabilities
	}
	return mcp.ClientCapabilities{}
}

func (c *toolCall) Sample(ctx context.Context, params *mcp.CreateMessageParams) (*mcp.CreateMessageResult, error) {
	if c.declared().Sampling == nil {
		return nil, entries.Failure("The caller does not support sampling")
	}
	limited, cancel := context.WithTimeout(ctx, responseTimeout)
	defer cancel()
	result, err := c.request.Session.CreateMessage(limited, params)
	if err == nil && result.Content != nil {
		return result, nil
	}
	return nil, unanswered(ctx, "sampling")
}

func (c *toolCall) Elicit(ctx context.Context, params *mcp.ElicitParams) (*entries.Elicited, error) {
	declared := c.declared().Elicitation
	if declared == nil {
		return nil, entries.Failure("The caller does not support elicitation")
	}
	if declared.URL != nil && declared.Form == nil {
		return nil, entries.Failure("The caller does not support form elicitation")
	}
	limited, cancel := context.WithTimeout(ctx, responseTimeout)
	defer cancel()
	result, err := c.request.Session.Elicit(limited, params)
	if err != nil || !slices.Contains([]string{"accept", "decline", "cancel"}, result.Action) {
		return nil, unanswered(ctx, "elicitation")
	}
	elicited := &entries.Elicited{Action: result.Action}
	if result.Content != nil {
		elicited.Content, err = json.Marshal(result.Content)
	}
	return elicited, err
}

// unanswered returns the failure of a call whose server request had no valid response.
func unanswered(ctx context.Context, kind string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return entries.Failure("The caller did not give a valid answer to the " + kind + " request")
}

func (c *toolCall) Suspend(retry time.Duration) {
	if extra := c.request.Extra; extra != nil && extra.CloseSSEStream != nil {
		extra.CloseSSEStream(mcp.CloseSSEStreamArgs{RetryAfter: retry})
	}
}

func (c *toolCall) ResourceUpdated(uri string) error {
	return c.server.ResourceUpdated(context.Background(), &mcp.ResourceUpdatedNotificationParams{URI: uri})
}

func (c *toolCall) Round() entries.Round {
	if c.round == nil {
		return nil // Not an interface with a nil pointer.
	}
	return c.round
}
