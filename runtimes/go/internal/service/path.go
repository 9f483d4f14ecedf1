package service

import (
	"context"
	"sync"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/mcpserver"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

// collected gathers the messages of a request, within a bound, until it ends: what Invoke returns.
type collected struct {
	maxBytes int
	// done is closed when the request has ended, overflow when the bound was passed.
	done     chan struct{}
	overflow chan struct{}

	mu       sync.Mutex
	messages [][]byte
	bytes    int
	ending   mcpserver.Ending
	response []byte
}

func newCollected(maxBytes int) *collected {
	return &collected{maxBytes: maxBytes, done: make(chan struct{}), overflow: make(chan struct{})}
}

func (*collected) Interactive() bool { return false }

func (c *collected) Message(_ context.Context, message []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bytes > c.maxBytes {
		return
	}
	c.bytes += len(message)
	if c.bytes > c.maxBytes {
		c.messages = nil
		close(c.overflow)
		return
	}
	c.messages = append(c.messages, message)
}

// Suspend does nothing: a unary answer has no stream that could be closed early.
func (*collected) Suspend(time.Duration) {}

func (c *collected) Finish(ending mcpserver.Ending, response []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ending, c.response = ending, response
	close(c.done)
}

// streamed sends messages as they arise, then the response, then ends the stream (POST-1).
type streamed struct{ stream *stream.Stream }

func (streamed) Interactive() bool { return true }

func (s streamed) Message(ctx context.Context, message []byte) { s.stream.Push(ctx, message) }

func (s streamed) Suspend(retry time.Duration) { s.stream.Suspend(retry) }

func (s streamed) Finish(ending mcpserver.Ending, response []byte) {
	if ending == mcpserver.Answered {
		s.stream.Offer(response)
	}
	s.stream.End()
}
