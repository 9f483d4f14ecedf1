package stream

import (
	"context"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
)

// Push writes a message as an event without an id, which cannot be replayed. It blocks until the reader has room for
// more (STREAM-11) or ctx ends.
func (r *Reader) Push(ctx context.Context, message []byte) {
	r.write(event{data: message})
	r.waitForRoom(ctx)
}

// Offer writes a message like Push, but without blocking. If more than limit bytes are pending, the call of the reader
// fails.
func (r *Reader) Offer(message []byte, limit int) {
	if r.pending() > limit {
		r.stop(errSlowReader)
		return
	}
	r.write(event{data: message})
}

// End ends the stream after the text written so far and a last message, unless that is nil (STREAM-3).
func (r *Reader) End(last []byte) {
	if last != nil {
		r.write(event{data: last})
	}
	r.finish()
}

var errSlowReader = &failure.Call{Category: failure.RateLimited, Message: "The reader of the stream is too slow"}
