package mcpserver

import (
	"context"
	"encoding/json"

	sdkrpc "github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// question is a request of the server whose result is wanted as the caller wrote it.
type question struct {
	id     sdkrpc.ID
	result json.RawMessage
}

type questionKey struct{}

// withQuestion lets a question travel through the SDK with its request.
func withQuestion(ctx context.Context, asked *question) context.Context {
	return context.WithValue(ctx, questionKey{}, asked)
}

// expect keeps the question that a request asks, if it asks one.
func (c *Conn) expect(ctx context.Context, request *sdkrpc.Request) {
	asked, ok := ctx.Value(questionKey{}).(*question)
	if !ok || !request.IsCall() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	asked.id = request.ID
	c.questions[request.ID] = asked
}

// answered gives the result of a request to its question. The SDK gets it after that.
func (c *Conn) answered(id sdkrpc.ID, result json.RawMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if asked := c.questions[id]; asked != nil {
		asked.result = result
		delete(c.questions, id)
	}
}

func (c *Conn) forget(asked *question) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.questions, asked.id)
}
