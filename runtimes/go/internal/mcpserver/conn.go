package mcpserver

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"

	sdkrpc "github.com/modelcontextprotocol/go-sdk/jsonrpc"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

// Conn is the MCP connection of one session, and the transport of the SDK's server. It replaces request ids for the
// SDK, so that responses can repeat the caller's ids verbatim (JSONRPC-2).
type Conn struct {
	server   *Server
	owner    string
	live     *stream.Stream
	incoming chan sdkrpc.Message
	closed   chan struct{}

	mu        sync.Mutex
	exchanges map[int64]*Exchange
	nextID    int64
	revision  string
}

// Revision returns the negotiated revision, or "" before the handshake (INIT-7).
func (c *Conn) Revision() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.revision
}

// InFlight returns the number of requests in flight.
func (c *Conn) InFlight() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.exchanges)
}

// Begin starts a request, and returns a function that cancels the request (DEADLINE-1, DEADLINE-2, POST-5). If ctx ends
// before the SDK has accepted the request, Begin cancels the request.
func (c *Conn) Begin(ctx context.Context, exchange *Exchange) (cancel func()) {
	request := exchange.Request
	if refusal := c.server.check(request); refusal != nil {
		exchange.Sink.Finish(Answered, refusal.Response(request.ID))
		return func() {}
	}
	id, ok := c.track(exchange)
	if !ok {
		exchange.Sink.Finish(Closed, nil)
		return func() {}
	}
	cancel = func() { c.cancel(id) }
	if c.deliver(ctx, &sdkrpc.Request{
		ID: sdkID(float64(id)), Method: request.Method, Params: paramsFor(request), Extra: exchange.extra(),
	}) != nil {
		cancel()
	}
	return cancel
}

// track assigns an id to an exchange. It reports false if the connection is closed.
func (c *Conn) track(exchange *Exchange) (id int64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.isClosed() {
		return 0, false
	}
	c.nextID++
	exchange.conn = c
	c.exchanges[c.nextID] = exchange
	return c.nextID, true
}

// Notify delivers a notification. notifications/cancelled cancels the requests with an equal id (DEADLINE-3).
func (c *Conn) Notify(ctx context.Context, notification *jsonrpc.Message) error {
	if notification.Method != "notifications/cancelled" {
		return c.deliver(ctx, &sdkrpc.Request{Method: notification.Method, Params: notification.Params})
	}
	token := canonical(jsonrpc.Member(notification.Params, "requestId"))
	var cancelled []int64
	c.mu.Lock()
	for id, exchange := range c.exchanges {
		if bytes.Equal(canonical(json.RawMessage(exchange.Request.ID)), token) {
			cancelled = append(cancelled, id)
		}
	}
	c.mu.Unlock()
	for _, id := range cancelled {
		c.cancel(id)
	}
	return nil
}

// Respond delivers the caller's response to a server request (POST-2).
func (c *Conn) Respond(ctx context.Context, response *jsonrpc.Message) error {
	id, ok := responseID(response.ID)
	if !ok {
		return nil
	}
	message := &sdkrpc.Response{ID: id, Result: withRawContent(response.Result)}
	if response.Err != nil {
		failed := new(sdkrpc.Error)
		if json.Unmarshal(response.Err, failed) != nil {
			failed = &sdkrpc.Error{Code: sdkrpc.CodeInvalidRequest, Message: "The error in the response is invalid"}
		}
		message.Error = failed
	}
	return c.deliver(ctx, message)
}

// Close closes the connection and ends its requests in flight (SESSION-8). It does not block.
func (c *Conn) Close() {
	c.mu.Lock()
	if c.isClosed() {
		c.mu.Unlock()
		return
	}
	close(c.closed)
	exchanges := c.exchanges
	c.exchanges = map[int64]*Exchange{}
	c.mu.Unlock()
	c.server.subscriptions.removeAll(c)
	for _, exchange := range exchanges {
		exchange.end(Closed)
	}
}

func (c *Conn) isClosed() bool {
	select {
	case <-c.closed:
		return true
	default:
		return false
	}
}

func (c *Conn) cancel(id int64) {
	if exchange := c.take(id); exchange != nil {
		exchange.end(Cancelled)
	}
}

// take stops tracking an exchange and returns it. Later calls for the same id return nil, so the exchange is
// finished once.
func (c *Conn) take(id int64) *Exchange {
	c.mu.Lock()
	defer c.mu.Unlock()
	exchange := c.exchanges[id]
	delete(c.exchanges, id)
	return exchange
}

// deliver passes a message to the SDK. It fails if ctx ends first.
func (c *Conn) deliver(ctx context.Context, message sdkrpc.Message) error {
	select {
	case c.incoming <- message:
		return nil
	case <-c.closed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
