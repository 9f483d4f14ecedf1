package grpcserver

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/service"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

func newHandlers() *Handlers {
	return &Handlers{
		Limits: service.Limits{ChunkBytes: 10, KeepAlive: 15 * time.Second},
		Calls:  new(Calls),
		Logger: slog.New(slog.DiscardHandler),
	}
}

// opened returns an open stream, and the live stream that it reads.
func opened(highWater int) (*service.OpenStream, *stream.Stream) {
	live := stream.NewSet(stream.Limits{ReplayEvents: 10, ReplayBytes: 10_000, BufferBytes: 10_000}).Live()
	reader := stream.NewReader(highWater)
	live.Attach(reader, stream.FromNow)
	headers := map[string]string{"content-type": "text/event-stream"}
	return &service.OpenStream{Status: 200, Headers: headers, Reader: reader}, live
}

func TestAStreamHasAHeadDataAndDone(t *testing.T) {
	open, live := opened(1000)
	live.Offer([]byte(strings.Repeat("x", 25)))
	live.End()
	var chunks []*runtimev1.McpChunk
	err := newHandlers().pump(t.Context(), open, func(chunk *runtimev1.McpChunk) error {
		chunks = append(chunks, chunk)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	head, done := chunks[0], chunks[len(chunks)-1]
	if head.Status != 200 || head.Headers["content-type"] != "text/event-stream" || head.Done {
		t.Errorf("got head %v", head)
	}
	if !done.Done || done.Data != nil || done.Status != 0 || done.ErrorStatus != 0 {
		t.Errorf("got last chunk %v", done)
	}
	text := ""
	for _, chunk := range chunks[1 : len(chunks)-1] {
		if len(chunk.Data) > 10 || chunk.Done || chunk.Status != 0 {
			t.Errorf("got chunk %v", chunk)
		}
		text += string(chunk.Data)
	}
	if !strings.HasSuffix(text, "\ndata: "+strings.Repeat("x", 25)+"\n\n") {
		t.Errorf("got %q", text)
	}
}

func TestAProducerBlocksUntilItsEventsAreSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		open, live := opened(100)
		ctx, cancel := context.WithCancel(t.Context())
		send := make(chan struct{})
		ended := make(chan error)
		go func() {
			ended <- newHandlers().pump(ctx, open, func(*runtimev1.McpChunk) error {
				select {
				case <-send:
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
		}()
		pushed := 0
		go func() {
			for ctx.Err() == nil {
				live.Push(ctx, []byte(strings.Repeat("x", 20)))
				pushed++
			}
		}()
		synctest.Wait()
		if pushed > 3 {
			t.Errorf("pushed %d messages while no chunk could be sent", pushed)
		}
		for range 100 {
			send <- struct{}{}
		}
		synctest.Wait()
		if pushed < 10 || pushed > 30 {
			t.Errorf("pushed %d messages for 100 chunks", pushed)
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAnIdleStreamSendsKeepAlives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		open, live := opened(1000)
		var sent []time.Duration
		started := time.Now()
		time.AfterFunc(20*time.Second, func() { live.Offer([]byte("x")) })
		time.AfterFunc(45*time.Second, live.End)
		handlers := newHandlers()
		handlers.Limits.ChunkBytes = 1000
		err := handlers.pump(t.Context(), open, func(chunk *runtimev1.McpChunk) error {
			if string(chunk.Data) == string(stream.KeepAlive) {
				sent = append(sent, time.Since(started))
			}
			return nil
		})
		if err != nil || len(sent) != 2 || sent[0] != 15*time.Second || sent[1] != 35*time.Second {
			t.Errorf("got keep-alives at %v, %v", sent, err)
		}
	})
}

func TestAFailedStreamEndsWithoutDone(t *testing.T) {
	open, live := opened(1000)
	for range 20 {
		live.Offer([]byte(strings.Repeat("x", 2000)))
	}
	handlers := newHandlers()
	err := handlers.pump(t.Context(), open, func(chunk *runtimev1.McpChunk) error {
		if chunk.Done {
			t.Error("the stream ended with done")
		}
		return nil
	})
	if code := status.Code(handlers.statusOf(err)); code != codes.ResourceExhausted {
		t.Errorf("got %s, %v", code, err)
	}
}

func TestStatusesRevealNoInternals(t *testing.T) {
	handlers := newHandlers()
	for want, err := range map[string]error{
		"code = Internal desc = Internal error":               errors.New("secret"),
		"code = Canceled desc = The call ended early":         context.Canceled,
		"code = DeadlineExceeded desc = The call ended early": context.DeadlineExceeded,
		"code = InvalidArgument desc = for the caller":        &failure.Call{Category: failure.InvalidArgument, Message: "for the caller"},
		"code = ResourceExhausted desc = The reader is slow":  &failure.Call{Category: failure.RateLimited, Message: "The reader is slow"},
	} {
		if got := handlers.statusOf(err); !strings.Contains(got.Error(), want) {
			t.Errorf("got %v, want %s", got, want)
		}
	}
}

func TestAShutdownWaitsForCallsWithinALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := new(Calls)
		if first, second := calls.Begin(), calls.Begin(); !first || !second {
			t.Fatal("a call was refused before the shutdown")
		}
		calls.Stop()
		calls.Stop()
		if calls.Begin() || !calls.Stopping() {
			t.Error("a call began after the shutdown")
		}
		started := time.Now()
		calls.End()
		calls.Wait(time.Minute)
		if time.Since(started) != time.Minute {
			t.Errorf("waited %s for a call that kept running", time.Since(started))
		}
		time.AfterFunc(time.Second, calls.End)
		started = time.Now()
		calls.Wait(time.Minute)
		if time.Since(started) != time.Second {
			t.Errorf("waited %s for a call that ended after a second", time.Since(started))
		}
	})
}
