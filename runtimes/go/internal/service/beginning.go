package service

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/modern"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

// beginning decides once whether the answer to a request is a stream or a refusal.
type beginning struct {
	isDecided atomic.Bool
	// decided receives the refusal, or nil for a stream.
	decided chan error
}

// decide reports false if the answer was decided earlier.
func (b *beginning) decide(refusal error) bool {
	if !b.isDecided.CompareAndSwap(false, true) {
		return false
	}
	b.decided <- refusal
	return true
}

// run executes a request, sends its messages and its response to the reader, and ends the stream. If the request fails
// before the stream begins, the failure decides the answer.
func (b *beginning) run(ctx context.Context, request *modern.Request, reader *stream.Reader) {
	response, err := request.Run(ctx, func(ctx context.Context, message []byte) error {
		b.decide(nil)
		reader.Push(ctx, message)
		return ctx.Err()
	})
	if err != nil && b.decide(ended(ctx, err)) {
		return
	}
	if refusal, ok := errors.AsType[*failure.Refusal](err); ok {
		response = refusal.Body()
	}
	b.decide(nil)
	reader.End(response)
}
