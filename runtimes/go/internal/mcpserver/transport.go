package mcpserver

import (
	"context"
	"encoding/json"
	"io"
	"strings"

	sdkrpc "github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// errNoOpenStream: the caller cannot be asked. Its code is the one by which the SDK knows that a message was refused, and
// not that the connection is broken.
var errNoOpenStream error = &sdkrpc.Error{Code: codeRejected, Message: "no stream is open"}

const codeRejected = -32005

// transport is the connection as the SDK's server sees it.
type transport struct{ *Conn }

func (t transport) Connect(context.Context) (mcp.Connection, error) { return t, nil }

func (t transport) SessionID() string { return "" }

// Close is called by the SDK once it is idle after the end of Read.
func (t transport) Close() error { return nil }

func (t transport) Read(ctx context.Context) (sdkrpc.Message, error) {
	select {
	case message := <-t.incoming:
		return message, nil
	case <-t.closed:
		return nil, io.EOF
	}
}

func (t transport) Write(ctx context.Context, message sdkrpc.Message) error {
	switch message := message.(type) {
	case *sdkrpc.Response:
		t.finish(message)
		return nil
	case *sdkrpc.Request:
		return t.send(ctx, message)
	}
	return nil
}

func (c *Conn) finish(response *sdkrpc.Response) {
	id, _ := response.ID.Raw().(int64)
	exchange := c.take(id)
	if exchange == nil {
		return
	}
	defer exchange.cancel()
	request := exchange.Request
	if response.Error != nil {
		exchange.Path.Finish(Answered, shield(request.Method, response.Error).Response(request.ID))
		return
	}
	if request.Method == "initialize" {
		var result struct{ ProtocolVersion string }
		if json.Unmarshal(response.Result, &result) == nil {
			c.mu.Lock()
			c.revision = result.ProtocolVersion
			c.mu.Unlock()
		}
	}
	result := response.Result
	if strings.HasSuffix(request.Method, "/list") {
		// The SDK writes what only the revision without handshake has.
		result = withMember(withMember(result, "ttlMs", nil), "cacheScope", nil)
	}
	text := make([]byte, 0, len(result)+len(request.ID)+40)
	text = append(append(append(text, `{"jsonrpc":"2.0","id":`...), request.ID...), `,"result":`...)
	exchange.Path.Finish(Answered, append(append(text, result...), '}'))
}

// send sends a message of the server: to the stream of the request that it belongs to, where it belongs to one. Questions
// to a caller whose request has no stream go to the live stream.
func (c *Conn) send(ctx context.Context, message *sdkrpc.Request) error {
	text, err := sdkrpc.EncodeMessage(message)
	if err != nil {
		return err
	}
	c.expect(ctx, message)
	r, routed := routeOf(ctx)
	switch {
	case !routed:
		c.live.Offer(text)
		return nil
	case r.live:
		c.live.Push(ctx, text)
		return ctx.Err()
	case r.exchange.ctx.Err() != nil:
		return nil // The request is over: nothing can follow its response.
	}
	isQuestion := message.IsCall() || message.Method == "notifications/cancelled"
	if !isQuestion || r.exchange.Path.Interactive() {
		r.exchange.Path.Message(ctx, text)
		return nil
	}
	if !c.live.Read() {
		return errNoOpenStream
	}
	c.live.Push(ctx, text)
	return nil
}
