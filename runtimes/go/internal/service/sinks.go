package service

import (
	"context"
	"sync"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/mcpserver"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

// collected is the sink of Invoke. It collects the messages of a request until the request ends, or until the messages
// exceed the limit.
type collected struct {
	maxBytes int
	// done is closed when the request ends. The fields below do not change after that, so readers need no lock.
	done chan struct{}

	mu       sync.Mutex
	ended    bool
	bytes    int
	messages [][]byte
	response []byte
	ending   mcpserver.Ending
	err      error
}

func newCollected(maxBytes int) *collected {
	return &collected{maxBytes: maxBytes, done: make(chan struct{})}
}

func (*collected) Interactive() bool { return false }

func (c *collected) Message(_ context.Context, message []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return
	}
	c.messages = append(c.messages, message)
	if c.bytes += len(message); c.bytes > c.maxBytes {
		c.messages = nil
		c.err = &failure.Call{
			Category: failure.RateLimited,
			Message:  "The messages of the request exceed the size limit of one answer",
		}
		c.end()
	}
}

// Suspend does nothing: a unary call has no stream.
func (*collected) Suspend(time.Duration) {}

func (c *collected) Finish(ending mcpserver.Ending, response []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return
	}
	c.ending, c.response = ending, response
	c.end()
}

func (c *collected) end() {
	c.ended = true
	close(c.done)
}

// streamed is the sink of InvokeStream. It sends each message immediately, then the response, then ends the stream
// (POST-1).
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
