package mcpserver

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"strconv"
	"sync"
	"time"

	sdkrpc "github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

// errNoOpenStream: the caller cannot be asked. Its code is the one by which the SDK knows that a message was refused, and
// not that the connection is broken.
var errNoOpenStream error = &sdkrpc.Error{Code: codeRejected, Message: "no stream is open"}

const codeRejected = -32005

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
	c.mu.Lock()
	if c.isClosed {
		c.mu.Unlock()
		exchange.Path.Finish(Closed, nil)
		return func() {}
	}
	c.nextID++
	id := c.nextID
	exchange.conn = c
	exchange.ctx, exchange.cancel = context.WithCancel(context.Background())
	c.exchanges[id] = exchange
	c.mu.Unlock()
	c.deliver(&sdkrpc.Request{ID: sdkID(float64(id)), Method: request.Method, Params: paramsFor(request), Extra: exchange.extra()})
	return func() { c.cancel(id) }
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

// unsubscribe takes back the subscriptions: the SDK would keep the URIs of a session that ends with some.
func (c *Conn) unsubscribe() {
	c.mu.Lock()
	subscriptions := c.subscriptions
	c.subscriptions = nil
	c.mu.Unlock()
	if len(subscriptions) == 0 {
		return
	}
	var pending sync.WaitGroup
	for uri := range subscriptions {
		params, err := jsonrpc.Encode(mcp.UnsubscribeParams{URI: uri})
		if err != nil {
			continue
		}
		path := &farewell{done: pending.Done}
		pending.Add(1)
		c.mu.Lock()
		c.nextID++
		id := c.nextID
		exchange := &Exchange{Request: &jsonrpc.Message{Method: "resources/unsubscribe"}, Path: path, conn: c}
		exchange.ctx, exchange.cancel = context.WithCancel(context.Background())
		c.exchanges[id] = exchange
		c.mu.Unlock()
		c.deliver(&sdkrpc.Request{ID: sdkID(float64(id)), Method: "resources/unsubscribe", Params: params, Extra: exchange.extra()})
	}
	pending.Wait()
}

// farewell is the path of a request that a connection makes to itself.
type farewell struct{ done func() }

func (*farewell) Interactive() bool               { return false }
func (*farewell) Message(context.Context, []byte) {}
func (*farewell) Suspend(time.Duration)           {}
func (f *farewell) Finish(Ending, []byte)         { f.done() }

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

// Connect, Read, Write, Close of the transport are what the SDK calls.
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
		exchange.Path.Finish(Answered, shield(response.Error).Response(request.ID))
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
	text := make([]byte, 0, len(response.Result)+len(request.ID)+40)
	text = append(append(append(text, `{"jsonrpc":"2.0","id":`...), request.ID...), `,"result":`...)
	exchange.Path.Finish(Answered, append(append(text, response.Result...), '}'))
}

// send sends a message of the server: to the stream of the request that it belongs to, where it belongs to one. Questions
// to a caller whose request has no stream go to the live stream.
func (c *Conn) send(ctx context.Context, message *sdkrpc.Request) error {
	text, err := sdkrpc.EncodeMessage(message)
	if err != nil {
		return err
	}
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

// paramsFor is the params as the SDK gets them. It remembers the revision that initialize asks for in place of the one
// that it negotiated, and takes a later one for a session without handshake: it has to see one that is served.
func paramsFor(request *jsonrpc.Message) json.RawMessage {
	if request.Method != "initialize" {
		return request.Params
	}
	var params map[string]json.RawMessage
	var requested string
	if json.Unmarshal(request.Params, &params) != nil || json.Unmarshal(params["protocolVersion"], &requested) != nil {
		return request.Params
	}
	params["protocolVersion"] = json.RawMessage(strconv.Quote(served(requested)))
	text, err := jsonrpc.Encode(params)
	if err != nil {
		return request.Params
	}
	return text
}

func (c *Conn) addSubscription(uri string, limit int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, has := c.subscriptions[uri]; !has && (c.isClosed || len(c.subscriptions) >= limit) {
		return false
	}
	c.subscriptions[uri] = struct{}{}
	return true
}

func (c *Conn) removeSubscription(uri string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.subscriptions, uri)
}

// canonical is the JSON token of an id in the one form that equal ids have: only strings can be written in several.
func canonical(token json.RawMessage) []byte {
	var text string
	if !jsonrpc.IsString(token) || json.Unmarshal(token, &text) != nil {
		return token
	}
	encoded, err := jsonrpc.Encode(text)
	if err != nil {
		return token
	}
	return encoded
}

func responseID(token string) (sdkrpc.ID, bool) {
	var text string
	if json.Unmarshal([]byte(token), &text) == nil {
		return sdkID(text), true
	}
	number, err := strconv.ParseFloat(token, 64)
	if err != nil || number != math.Trunc(number) || math.Abs(number) > 1<<53 {
		return sdkrpc.ID{}, false
	}
	return sdkID(number), true
}

func sdkID(value any) sdkrpc.ID {
	id, err := sdkrpc.MakeID(value)
	if err != nil {
		panic(err) // Strings and numbers are all that ids are made of.
	}
	return id
}
