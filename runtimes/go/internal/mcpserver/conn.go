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

// Conn is the MCP connection of one session: the transport that the SDK's server sees. It keeps each request's id,
// messages and response together; the SDK sees ids of ours (JSONRPC-2).
type Conn struct {
	server   *Server
	live     *stream.Stream
	incoming chan sdkrpc.Message
	closed   chan struct{}

	mu            sync.Mutex
	isClosed      bool
	exchanges     map[int64]*Exchange
	nextID        int64
	revision      string
	subscriptions map[string]struct{}
	questions     map[sdkrpc.ID]*question
}

// Revision is the negotiated revision, "" before the handshake (INIT-7).
func (c *Conn) Revision() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.revision
}

// UnderWay is how many requests are under way.
func (c *Conn) UnderWay() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.exchanges)
}

// Begin carries out a request. The function that it returns cancels it (DEADLINE-1, DEADLINE-2, POST-5).
func (c *Conn) Begin(exchange *Exchange) (cancel func()) {
	request := exchange.Request
	if refusal := c.server.check(request); refusal != nil {
		exchange.Path.Finish(Answered, refusal.Response(request.ID))
		return func() {}
	}
	id, ok := c.track(exchange, false)
	if !ok {
		exchange.Path.Finish(Closed, nil)
		return func() {}
	}
	c.request(id, exchange)
	return func() { c.cancel(id) }
}

// track gives an exchange its id. After the end of the connection only its own last requests get one.
func (c *Conn) track(exchange *Exchange, last bool) (id int64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.isClosed && !last {
		return 0, false
	}
	c.nextID++
	exchange.conn = c
	exchange.ctx, exchange.cancel = context.WithCancel(context.Background())
	c.exchanges[c.nextID] = exchange
	return c.nextID, true
}

func (c *Conn) request(id int64, exchange *Exchange) {
	request := exchange.Request
	c.deliver(&sdkrpc.Request{
		ID: sdkID(float64(id)), Method: request.Method, Params: paramsFor(request), Extra: exchange.extra(),
	})
}

// Notify takes a notification. notifications/cancelled means the request whose id was written alike (DEADLINE-3).
func (c *Conn) Notify(notification *jsonrpc.Message) {
	if notification.Method != "notifications/cancelled" {
		c.deliver(&sdkrpc.Request{Method: notification.Method, Params: notification.Params})
		return
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
}

// Respond takes the caller's answer to a request of the server (POST-2).
func (c *Conn) Respond(response *jsonrpc.Message) {
	id, ok := responseID(response.ID)
	if !ok {
		return
	}
	message := &sdkrpc.Response{ID: id, Result: response.Result}
	if response.Err != nil {
		failed := new(sdkrpc.Error)
		if json.Unmarshal(response.Err, failed) != nil {
			failed = &sdkrpc.Error{Code: sdkrpc.CodeInvalidRequest, Message: "The response is not valid"}
		}
		message.Error = failed
	}
	c.answered(id, response.Result)
	c.deliver(message)
}

// Close ends the connection and the requests under way (SESSION-8).
func (c *Conn) Close() {
	c.mu.Lock()
	if c.isClosed {
		c.mu.Unlock()
		return
	}
	c.isClosed = true
	exchanges := c.exchanges
	c.exchanges = map[int64]*Exchange{}
	c.mu.Unlock()
	for _, exchange := range exchanges {
		exchange.cancel()
	}
	c.unsubscribe()
	close(c.closed)
	for _, exchange := range exchanges {
		exchange.Path.Finish(Closed, nil)
	}
}

func (c *Conn) cancel(id int64) {
	if exchange := c.take(id); exchange != nil {
		exchange.cancel()
		exchange.Path.Finish(Cancelled, nil)
	}
}

// take ends the tracking of a request: whoever gets it finishes it.
func (c *Conn) take(id int64) *Exchange {
	c.mu.Lock()
	defer c.mu.Unlock()
	exchange := c.exchanges[id]
	delete(c.exchanges, id)
	return exchange
}

func (c *Conn) deliver(message sdkrpc.Message) {
	select {
	case c.incoming <- message:
	case <-c.closed:
	}
}
