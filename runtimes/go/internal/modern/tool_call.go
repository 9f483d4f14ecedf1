package modern

import (
	"context"
	"encoding/json"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
)

// toolCall is a tool call in flight.
type toolCall struct {
	request *Request
	send    Send
}

func (c *toolCall) Scope() catalog.Scope { return c.request.scope }

func (c *toolCall) Log(ctx context.Context, on catalog.Destination, message *mcp.LoggingMessageParams) error {
	if on == catalog.OnLive {
		return catalog.Failure("This MCP revision has no live stream")
	}
	if !c.request.envelope.wants(message.Level) {
		return ctx.Err()
	}
	return c.notify(ctx, "notifications/message", message)
}

func (c *toolCall) ProgressToken() (string, bool) {
	token := c.request.envelope.progressToken
	if text, ok := jsonrpc.Text(token); ok {
		return text, true
	}
	return string(token), token != nil
}

func (c *toolCall) Progress(ctx context.Context, done, total float64, message string) error {
	token := c.request.envelope.progressToken
	if token == nil {
		return ctx.Err()
	}
	return c.notify(ctx, "notifications/progress", struct {
		ProgressToken json.RawMessage `json:"progressToken"`
		Progress      float64         `json:"progress"`
		Total         float64         `json:"total"`
		Message       string          `json:"message"`
	}{token, done, total, message})
}

// notify sends a notification before the response.
func (c *toolCall) notify(ctx context.Context, method string, params any) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	text, err := notification(method, params)
	if err != nil {
		return err
	}
	return c.send(ctx, text)
}

func notification(method string, params any) ([]byte, error) {
	return jsonrpc.Encode(struct {
		JSONRPC string `json:"jsonrpc"`
		Method  string `json:"method"`
		Params  any    `json:"params"`
	}{"2.0", method, params})
}

func (*toolCall) Sample(context.Context, *mcp.CreateMessageParams) (*mcp.CreateMessageResult, error) {
	return nil, catalog.Failure("This MCP revision has no sampling requests from the server")
}

func (*toolCall) Elicit(context.Context, *mcp.ElicitParams) (*catalog.Elicited, error) {
	return nil, catalog.Failure("This MCP revision has no elicitation requests from the server")
}

// Suspend does nothing: this revision cannot resume a stream.
func (*toolCall) Suspend(time.Duration) {}

func (c *toolCall) ResourceUpdated(uri string) error {
	server := c.request.server
	if other := server.options.ResourceUpdated; other != nil {
		if err := other(uri); err != nil {
			return err
		}
	}
	return server.ResourceUpdated(uri)
}

func (c *toolCall) Round() catalog.Round { return round{c.request} }

// round is one round of a request.
type round struct{ request *Request }

func (r round) Declares(capability string, member ...string) bool {
	return r.request.envelope.declares(capability, member...)
}

func (r round) Answer(key string) catalog.Answer {
	return catalog.ParseAnswer(jsonrpc.Member(r.request.members["inputResponses"], key))
}

func (r round) State(into any) bool {
	return r.request.state != nil && json.Unmarshal(r.request.state, into) == nil
}

func (r round) Seal(payload any, lifetime time.Duration) (string, error) {
	return r.request.server.sealer.Seal(r.request.binding(), payload, lifetime)
}

func (r round) Announce(list catalog.List) error {
	return r.request.server.subscriptions.listChanged(list)
}
