package mcpserver

import (
	"context"
	"encoding/json"
	"io"
	"strings"

	sdkrpc "github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// errNoOpenStream means that no open stream can carry a request to the caller. Its code tells the SDK that the message
// was rejected and that the connection is intact.
var errNoOpenStream error = &sdkrpc.Error{Code: -32005, Message: "no stream is open"}

// transport implements the transport and connection interfaces of the SDK for a Conn.
type transport struct{ *Conn }

func (t transport) Connect(context.Context) (mcp.Connection, error) { return t, nil }

func (t transport) SessionID() string { return "" }

// Close does nothing, because the SDK calls it after Read has reported the end.
func (t transport) Close() error { return nil }

func (t transport) Read(context.Context) (sdkrpc.Message, error) {
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
		exchange.Sink.Finish(Answered, shield(request.Method, response.Error).Response(request.ID))
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
		// The SDK adds members that exist only in the sessionless revision.
		result = withMember(withMember(result, "ttlMs", nil), "cacheScope", nil)
	}
	text := make([]byte, 0, len(result)+len(request.ID)+40)
	text = append(append(append(text, `{"jsonrpc":"2.0","id":`...), request.ID...), `,"result":`...)
	exchange.Sink.Finish(Answered, append(append(text, result...), '}'))
}

// send sends a server message to the stream of its request, or to the live stream if the message does not belong to a
// request. If the caller cannot answer while its request is running, server requests and their cancellations go to the
// live stream instead.
func (c *Conn) send(ctx context.Context, message *sdkrpc.Request) error {
	text, err := sdkrpc.EncodeMessage(message)
	if err != nil {
		return err
	}
	r, routed := ctx.Value(routeKey{}).(route)
	switch {
	case !routed:
		c.live.Offer(text)
		return nil
	case r.live:
		c.live.Push(ctx, text)
		return ctx.Err()
	case r.exchange.hasEnded.Load():
		return nil // Messages must not follow the response to a request.
	}
	needsAnswer := message.IsCall() || message.Method == "notifications/cancelled"
	if !needsAnswer || r.exchange.Sink.Interactive() {
		r.exchange.Sink.Message(ctx, text)
		return nil
	}
	if !c.live.HasReader() {
		return errNoOpenStream
	}
	c.live.Push(ctx, text)
	return nil
}
