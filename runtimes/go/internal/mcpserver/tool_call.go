package mcpserver

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
)

// responseTimeout is the time limit for the caller's response to a server request.
const responseTimeout = time.Minute

// toolCall is a tool call in flight.
type toolCall struct {
	server   *Server
	request  *mcp.CallToolRequest
	exchange *Exchange
}

func (c *toolCall) Scope() catalog.Scope { return c.exchange.Scope }

func (c *toolCall) Log(ctx context.Context, on catalog.Destination, message *mcp.LoggingMessageParams) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if on == catalog.OnLive {
		ctx = withRoute(ctx, route{exchange: c.exchange, live: true})
	}
	return c.request.Session.Log(ctx, message)
}

// token returns the verbatim progress token, because it may have more digits than a Go number.
func (c *toolCall) token() json.RawMessage {
	return jsonrpc.Member(c.exchange.Request.Params, "_meta", "progressToken")
}

func (c *toolCall) ProgressToken() (string, bool) {
	token := c.token()
	var text string
	if json.Unmarshal(token, &text) == nil {
		return text, true
	}
	return string(token), token != nil
}

func (c *toolCall) Progress(ctx context.Context, done, total float64, message string) error {
	token := c.token()
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

func (c *toolCall) Sample(ctx context.Context, params *mcp.CreateMessageParams) (*mcp.CreateMessageResult, error) {
	if declared := c.request.Session.InitializeParams().Capabilities; declared == nil || declared.Sampling == nil {
		return nil, catalog.Failure("The caller does not support sampling")
	}
	return ask(ctx, "sampling", func(ctx context.Context) (*mcp.CreateMessageResult, bool, error) {
		result, err := c.request.Session.CreateMessage(ctx, params)
		valid := err == nil && result.Content != nil && result.Model != "" && (result.Role == "user" || result.Role == "assistant")
		return result, valid, err
	})
}

func (c *toolCall) Elicit(ctx context.Context, params *mcp.ElicitParams) (*catalog.Elicited, error) {
	declared := c.request.Session.InitializeParams().Capabilities
	if declared == nil || declared.Elicitation == nil {
		return nil, catalog.Failure("The caller does not support elicitation")
	}
	if declared.Elicitation.URL != nil && declared.Elicitation.Form == nil {
		return nil, catalog.Failure("The caller does not support form elicitation")
	}
	return ask(ctx, "elicitation", func(ctx context.Context) (*catalog.Elicited, bool, error) {
		result, err := c.request.Session.Elicit(ctx, params)
		if err != nil {
			return nil, false, err
		}
		elicited := &catalog.Elicited{Action: result.Action}
		if content, ok := result.Meta[rawContent].(string); ok {
			elicited.Content = json.RawMessage(content)
		}
		return elicited, slices.Contains([]string{"accept", "decline", "cancel"}, result.Action), nil
	})
}

func (c *toolCall) Suspend(retry time.Duration) {
	c.request.Extra.CloseSSEStream(mcp.CloseSSEStreamArgs{RetryAfter: retry})
}

func (c *toolCall) ResourceUpdated(uri string) error {
	if other := c.server.options.ResourceUpdated; other != nil {
		if err := other(uri); err != nil {
			return err
		}
	}
	return c.server.ResourceUpdated(uri)
}

// Round returns nil: a session has no rounds.
func (*toolCall) Round() catalog.Round { return nil }

// ask sends a request to the caller. Without a valid response, it fails with a catalog.Failure or the error from ctx.
func ask[T any](ctx context.Context, kind string, send func(context.Context) (T, bool, error)) (T, error) {
	limited, cancel := context.WithTimeout(ctx, responseTimeout)
	defer cancel()
	answer, valid, err := send(limited)
	var none T
	switch {
	case err == nil && valid:
		return answer, nil
	case ctx.Err() != nil:
		return none, ctx.Err()
	case errors.Is(err, errNoOpenStream):
		return none, catalog.Failure("The caller has no open stream for the " + kind + " request")
	}
	return none, catalog.Failure("The caller did not give a valid answer to the " + kind + " request")
}

// toolFailed records a failure that the caller must not see, unless the call has ended.
func (s *Server) toolFailed(ctx context.Context, tool string, err error) {
	if ctx.Err() == nil {
		s.options.Logger.Error("a tool failed", "tool", tool, "error", err)
	}
}
