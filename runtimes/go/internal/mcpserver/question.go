package mcpserver

import (
	"context"
	"encoding/json"

	sdkrpc "github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// question is a request of the server whose result is needed as the caller wrote it.
type question struct {
	id     sdkrpc.ID
	result json.RawMessage
}

type questionKey struct{}

// withQuestion lets a question travel through the SDK with its request.
func withQuestion(ctx context.Context, asked *question) context.Context {
	return context.WithValue(ctx, questionKey{}, asked)
}

// expect remembers the question of a request, if it has one.
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

// answered gives a question its result, before the SDK gets it.
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
