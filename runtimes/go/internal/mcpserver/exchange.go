package mcpserver

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
)

// Ending is the reason for the end of a request.
type Ending int

const (
	// Answered means that the request has a response.
	Answered Ending = iota
	// Cancelled means that the caller cancelled the request, so there is no response (DEADLINE-3).
	Cancelled
	// Closed means that the session was closed before the request was answered (SESSION-8).
	Closed
)

// Sink receives the messages of a request and its response.
type Sink interface {
	// Interactive reports whether the caller can answer server requests while its own request runs (POST-2).
	Interactive() bool
	// Message sends a message of the request, and blocks until the reader has room for more or ctx ends.
	Message(ctx context.Context, message []byte)
	// Suspend closes the stream, if any, but the request keeps running.
	Suspend(retry time.Duration)
	// Finish ends the request. The response is nil unless the request was answered. A handler that has not noticed the end
	// yet may still call Message, which then has no effect.
	Finish(ending Ending, response []byte)
}

// Exchange is a request in flight.
type Exchange struct {
	Request *jsonrpc.Message
	Scope   catalog.Scope
	Sink    Sink

	conn *Conn
	// hasEnded reports whether the request has been answered or cancelled. It then gets no further response.
	hasEnded atomic.Bool
	// stop cancels the work of the request. It is nil before the work begins.
	stop atomic.Pointer[context.CancelFunc]
}

// begin returns the context for the work of a request, which is cancelled when the request ends.
func (e *Exchange) begin(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(withRoute(parent, route{exchange: e}))
	e.stop.Store(&cancel)
	// If the request ended before stop was stored, cancel could not stop the work.
	if e.hasEnded.Load() {
		cancel()
	}
	return ctx, cancel
}

// cancel stops the work of a request.
func (e *Exchange) cancel() {
	e.hasEnded.Store(true)
	if stop := e.stop.Load(); stop != nil {
		(*stop)()
	}
}

// end cancels the work of a request and finishes the request without a response.
func (e *Exchange) end(ending Ending) {
	e.cancel()
	e.Sink.Finish(ending, nil)
}

const exchangeKey = "exchange"

// extra attaches an exchange to its request, so that the SDK passes it to handlers.
func (e *Exchange) extra() *mcp.RequestExtra {
	return &mcp.RequestExtra{
		TokenInfo:      &auth.TokenInfo{UserID: e.Scope.Caller.Owner, Extra: map[string]any{exchangeKey: e}},
		CloseSSEStream: func(args mcp.CloseSSEStreamArgs) { e.Sink.Suspend(args.RetryAfter) },
	}
}

func exchangeOf(extra *mcp.RequestExtra) *Exchange {
	if extra == nil || extra.TokenInfo == nil {
		return nil
	}
	exchange, _ := extra.TokenInfo.Extra[exchangeKey].(*Exchange)
	return exchange
}

// route is the destination of a server message: the stream of a request, or the live stream.
type route struct {
	exchange *Exchange
	live     bool
}

type routeKey struct{}

func withRoute(ctx context.Context, r route) context.Context {
	return context.WithValue(ctx, routeKey{}, r)
}
