package service

import (
	"errors"
	"fmt"
	"testing"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/mcpserver"
)

func TestACollectionDoesNotChangeOnceItHasEnded(t *testing.T) {
	sink := newCollected(100)
	sink.Message(t.Context(), []byte("a"))
	sink.Finish(mcpserver.Cancelled, nil)
	<-sink.done
	sink.Message(t.Context(), []byte("late"))
	sink.Finish(mcpserver.Answered, []byte("late"))
	if len(sink.messages) != 1 || sink.ending != mcpserver.Cancelled || sink.response != nil || sink.err != nil {
		t.Errorf("got %q, %v, %q, %v", sink.messages, sink.ending, sink.response, sink.err)
	}
}

func TestACollectionIsLimitedInSize(t *testing.T) {
	sink := newCollected(10)
	sink.Message(t.Context(), []byte("0123456789"))
	select {
	case <-sink.done:
		t.Error("the collection ended before its limit was exceeded")
	default:
	}
	sink.Message(t.Context(), []byte("x"))
	<-sink.done
	sink.Message(t.Context(), []byte("late"))
	sink.Finish(mcpserver.Answered, []byte("late"))
	call, ok := errors.AsType[*failure.Call](sink.err)
	if !ok || call.Category != failure.RateLimited || sink.messages != nil || sink.response != nil {
		t.Errorf("got %v with %q", sink.err, sink.messages)
	}
}

// With -race, this test detects a tool that still adds messages while Invoke reads them.
func TestARequestMaySendMessagesDuringItsCancellation(t *testing.T) {
	served := newServed(t, nil)
	id := served.session()
	for i := range 200 {
		cancelled := make(chan error, 1)
		go func() {
			<-served.started
			notification := fmt.Sprintf(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":%d}}`, i)
			_, err := served.Invoke(t.Context(), post(id, notification))
			cancelled <- err
		}()
		answer, err := served.Invoke(t.Context(), post(id, request(fmt.Sprint(i), "tools/call", `{"name":"flood"}`)))
		if err := errors.Join(err, <-cancelled); err != nil {
			t.Fatal(err)
		}
		if answer.Status != 200 {
			t.Fatalf("got %d", answer.Status)
		}
		<-served.stopped
	}
}

func TestARequestWithTooManyMessagesFailsAndStops(t *testing.T) {
	served := newServed(t, func(options *Options) { options.Limits.CollectedBytes = 1000 })
	_, err := served.Invoke(t.Context(), post(served.session(), toolCall("flood")))
	if call, ok := errors.AsType[*failure.Call](err); !ok || call.Category != failure.RateLimited {
		t.Errorf("got %v", err)
	}
	<-served.stopped
}
