package mcpserver

import (
	"context"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
)

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
		pending.Add(1)
		exchange := &Exchange{
			Request: &jsonrpc.Message{Method: "resources/unsubscribe", Params: params},
			Path:    &farewell{done: pending.Done},
		}
		id, _ := c.track(exchange, true)
		c.request(id, exchange)
	}
	pending.Wait()
}

// farewell is the path of a request that a connection makes to itself.
type farewell struct{ done func() }

func (*farewell) Interactive() bool               { return false }
func (*farewell) Message(context.Context, []byte) {}
func (*farewell) Suspend(time.Duration)           {}
func (f *farewell) Finish(Ending, []byte)         { f.done() }
