package serving

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/service"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

func newCalls() *Calls {
	return New(Options{
		Limits: service.Limits{KeepAlive: 15 * time.Second},
		Logger: slog.New(slog.DiscardHandler),
	})
}

// opened returns an open stream, and the live stream that it reads.
func opened(highWater int) (*service.OpenStream, *stream.Stream) {
	live := stream.NewSet(stream.Limits{ReplayEvents: 10, ReplayBytes: 10_000, BufferBytes: 10_000}).Live()
	reader := stream.NewReader(highWater)
	live.Attach(reader, stream.FromNow)
	headers := map[string]string{"content-type": "text/event-stream"}
	return &service.OpenStream{Status: 200, Headers: headers, Reader: reader}, live
}

// recorder is a StreamWriter that records what it sends. The function before, unless nil, runs before each write.
type recorder struct {
	before  func() error
	status  int
	headers map[string]string
	pieces  []string
	ended   bool
}

func (r *recorder) write(record func()) error {
	if r.before != nil {
		if err := r.before(); err != nil {
			return err
		}
	}
	record()
	return nil
}

func (r *recorder) Complete(*httpcall.Call, *httpcall.Answer) error {
	return errors.New("the answer was not a stream")
}

func (r *recorder) Begin(status int, headers map[string]string) error {
	return r.write(func() { r.status, r.headers = status, headers })
}

func (r *recorder) Data(text []byte) error {
	return r.write(func() { r.pieces = append(r.pieces, string(text)) })
}

func (r *recorder) End() error { return r.write(func() { r.ended = true }) }

func TestAStreamHasAHeadDataAndAnEnd(t *testing.T) {
	open, live := opened(1000)
	live.Offer([]byte(strings.Repeat("x", 25)))
	live.End()
	var sent recorder
	if err := newCalls().pump(t.Context(), open, &sent); err != nil {
		t.Fatal(err)
	}
	if sent.status != 200 || sent.headers["content-type"] != "text/event-stream" || !sent.ended {
		t.Errorf("got %+v", sent)
	}
	if text := strings.Join(sent.pieces, ""); !strings.HasSuffix(text, "\ndata: "+strings.Repeat("x", 25)+"\n\n") {
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
			ended <- newCalls().pump(ctx, open, &recorder{before: func() error {
				select {
				case <-send:
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			}})
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
			t.Errorf("pushed %d messages while nothing could be sent", pushed)
		}
		for range 10 {
			send <- struct{}{}
		}
		synctest.Wait()
		if pushed < 10 || pushed > 40 {
			t.Errorf("pushed %d messages for 10 writes", pushed)
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
		started := time.Now()
		time.AfterFunc(20*time.Second, func() { live.Offer([]byte("x")) })
		time.AfterFunc(45*time.Second, live.End)
		var times []time.Duration
		sent := recorder{before: func() error {
			times = append(times, time.Since(started))
			return nil
		}}
		err := newCalls().pump(t.Context(), open, &sent)
		if err != nil || len(sent.pieces) != 3 || sent.pieces[0] != string(stream.KeepAlive) || sent.pieces[2] != sent.pieces[0] {
			t.Fatalf("got %q, %v", sent.pieces, err)
		}
		// The first write is the head.
		if times[1] != 15*time.Second || times[3] != 35*time.Second {
			t.Errorf("got keep-alives at %v", times)
		}
	})
}

func TestAFailedStreamDoesNotEndNormally(t *testing.T) {
	open, live := opened(1000)
	for range 20 {
		live.Offer([]byte(strings.Repeat("x", 2000)))
	}
	var sent recorder
	err := newCalls().pump(t.Context(), open, &sent)
	if call, ok := errors.AsType[*failure.Call](err); !ok || call.Category != failure.RateLimited || sent.ended {
		t.Errorf("got %v, %+v", err, sent)
	}
}

func TestAStreamEndsWhenItsClientIsGone(t *testing.T) {
	open, _ := opened(1000)
	err := newCalls().pump(t.Context(), open, &recorder{before: func() error { return errors.New("broken pipe") }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestFailuresRevealNoInternals(t *testing.T) {
	calls := newCalls()
	known := &failure.Call{Category: failure.InvalidArgument, Message: "for the caller"}
	for err, want := range map[error]error{
		context.Canceled:         context.Canceled,
		context.DeadlineExceeded: context.DeadlineExceeded,
		known:                    known,
	} {
		if got := calls.failure(err); got != want {
			t.Errorf("%v: got %v", err, got)
		}
	}
	got, ok := errors.AsType[*failure.Call](calls.failure(errors.New("secret")))
	if !ok || got.Category != failure.Internal || got.Message != "Internal error" {
		t.Errorf("got %v", got)
	}
}
