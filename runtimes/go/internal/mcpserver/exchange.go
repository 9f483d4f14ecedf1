package mcpserver

import (
	"context"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
)

// Ending says how a request ended.
type Ending int

// The ways a request ends.
const (
	// Answered: there is a response.
	Answered Ending = iota
	// Cancelled: the caller cancelled it, and there is no response (DEADLINE-3).
	Cancelled
	// Closed: the session was closed while it was under way (SESSION-8).
	Closed
)

// Path is where the messages of a request and its response go.
type Path interface {
	// Interactive says whether the caller can be asked something while the request runs (POST-2).
	Interactive() bool
	// Message sends a message that belongs to the request, and returns when there is room for more or ctx has ended.
	Message(ctx context.Context, message []byte)
	// Suspend closes the HTTP stream while the request goes on, where there is one.
	Suspend(retry time.Duration)
	// Finish ends the request, with the response where it was answered.
	Finish(ending Ending, response []byte)
}

// Exchange is a request under way.
type Exchange struct {
	Request *jsonrpc.Message
	Scope   catalog.Scope
	Path    Path

	conn   *Conn
	ctx    context.Context
	cancel context.CancelFunc
}

const exchangeKey = "exchange"

// extra lets an exchange travel with its request through the SDK.
func (e *Exchange) extra() *mcp.RequestExtra {
	return &mcp.RequestExtra{
		TokenInfo:      &auth.TokenInfo{UserID: e.Scope.Caller.Owner, Extra: map[string]any{exchangeKey: e}},
		CloseSSEStream: func(args mcp.CloseSSEStreamArgs) { e.Path.Suspend(args.RetryAfter) },
	}
}

func exchangeOf(extra *mcp.RequestExtra) *Exchange {
	if extra == nil || extra.TokenInfo == nil {
		return nil
	}
	exchange, _ := extra.TokenInfo.Extra[exchangeKey].(*Exchange)
	return exchange
}

// route says which way a message of the server goes: to the stream of a request, or to the live stream.
type route struct {
	exchange *Exchange
	live     bool
}

type routeKey struct{}

func withRoute(ctx context.Context, r route) context.Context {
	return context.WithValue(ctx, routeKey{}, r)
}

func routeOf(ctx context.Context) (route, bool) {
	r, ok := ctx.Value(routeKey{}).(route)
	return r, ok
}
