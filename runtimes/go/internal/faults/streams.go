//go:build faults

package faults

import (
	"context"
	"regexp"
	"sync"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

var idLine = regexp.MustCompile(`(?m)^id: .*\n`)

var streamFaults = []fault{
	{"refused-without-status", "STREAM-2", "The runtime omits error_status from a refused stream", func() changes {
		return changes{chunk: func(_ *runtimev1.McpRequest, chunk *runtimev1.McpChunk) bool {
			chunk.ErrorStatus = 0
			return true
		}}
	}},
	{"no-done", "STREAM-3", "The runtime ends a stream without done", func() changes {
		return changes{chunk: func(_ *runtimev1.McpRequest, chunk *runtimev1.McpChunk) bool {
			return !chunk.Done || chunk.Status != 0
		}}
	}},
	{"data-with-done", "STREAM-4", "The runtime sends data in the chunk with done", func() changes {
		return changes{chunk: func(_ *runtimev1.McpRequest, chunk *runtimev1.McpChunk) bool {
			if chunk.Done && chunk.Status == 0 {
				chunk.Data = []byte(": the end\n\n")
			}
			return true
		}}
	}},
	{"stream-outlives-its-caller", "STREAM-12", "The runtime keeps a live stream open after its credentials expire", func() changes {
		return changes{request: func(request *runtimev1.McpRequest) {
			if request.AuthContext != nil {
				request.AuthContext.ExpiresAtEpochMs = 0
			}
		}}
	}},
	{"no-head", "HEAD-1", "The runtime omits the head of a stream", func() changes {
		return changes{chunk: func(_ *runtimev1.McpRequest, chunk *runtimev1.McpChunk) bool {
			chunk.Status, chunk.Headers = 0, nil
			return true
		}}
	}},
	{"no-event-ids", "RESUME-1", "The runtime sends events without ids", func() changes {
		return changes{chunk: func(_ *runtimev1.McpRequest, chunk *runtimev1.McpChunk) bool {
			chunk.Data = idLine.ReplaceAll(chunk.Data, nil)
			return true
		}}
	}},
	{"nothing-replayed", "RESUME-2", "The runtime ignores last-event-id", func() changes {
		return changes{request: func(request *runtimev1.McpRequest) { delete(request.Headers, "last-event-id") }}
	}},
	{"stream-not-cancelled", "POST-5", "The runtime continues a stream after the caller cancels it", func() changes {
		return changes{streamContext: context.WithoutCancel}
	}},
	{"no-back-pressure", "STREAM-11", "The runtime buffers stream data for a slow reader without limit", func() changes {
		return changes{chunks: keepAll}
	}},
}

// keepAll queues the chunks of a stream without limit. Only the last chunk waits until the queue is sent.
func keepAll(send func(*runtimev1.McpChunk) error) func(*runtimev1.McpChunk) error {
	var mu sync.Mutex
	var kept []*runtimev1.McpChunk
	more := make(chan struct{}, 1)
	ended := make(chan error, 1)
	var begin sync.Once
	run := func() {
		for range more {
			for {
				mu.Lock()
				if len(kept) == 0 {
					mu.Unlock()
					break
				}
				next := kept[0]
				kept = kept[1:]
				mu.Unlock()
				if err := send(next); err != nil || next.Done {
					ended <- err
					return
				}
			}
		}
	}
	return func(chunk *runtimev1.McpChunk) error {
		begin.Do(func() { go run() })
		mu.Lock()
		kept = append(kept, chunk)
		mu.Unlock()
		select {
		case more <- struct{}{}:
		default:
		}
		if chunk.Done {
			return <-ended
		}
		return nil
	}
}
