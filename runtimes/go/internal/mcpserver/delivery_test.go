package mcpserver

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	sdkrpc "github.com/modelcontextprotocol/go-sdk/jsonrpc"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

// unserved returns a connection without an SDK server, so that its messages are never received.
func unserved(t *testing.T) *Conn {
	t.Helper()
	return &Conn{
		server:    newServer(t, catalog.Conformance()),
		live:      stream.NewSet(stream.Limits{}).Live(),
		incoming:  make(chan sdkrpc.Message),
		closed:    make(chan struct{}),
		exchanges: map[int64]*Exchange{},
	}
}

func TestADeliveryEndsWithTheContextOfItsCall(t *testing.T) {
	conn := unserved(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	sink := newRecorded(false)
	conn.Begin(ctx, &Exchange{Request: message(t, request("1", "ping", "{}")), Sink: sink})
	if <-sink.done; sink.ending != Cancelled || conn.InFlight() != 0 {
		t.Errorf("got %v with %d requests in flight", sink.ending, conn.InFlight())
	}
	for _, err := range []error{
		conn.Notify(ctx, message(t, `{"jsonrpc":"2.0","method":"notifications/initialized"}`)),
		conn.Respond(ctx, message(t, `{"jsonrpc":"2.0","id":1,"result":{}}`)),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
}

func TestCloseDoesNotWaitForTheSDK(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := unserved(t)
		if !conn.server.subscriptions.add(conn, "test://watched-resource") {
			t.Fatal("the connection cannot subscribe")
		}
		sink := newRecorded(false)
		begun := make(chan struct{})
		go func() {
			defer close(begun)
			conn.Begin(t.Context(), &Exchange{Request: message(t, request("1", "ping", "{}")), Sink: sink})
		}()
		synctest.Wait()
		if conn.InFlight() != 1 {
			t.Errorf("%d requests are in flight, want 1", conn.InFlight())
		}
		conn.Close()
		<-begun
		if <-sink.done; sink.ending != Closed {
			t.Errorf("got %v", sink.ending)
		}
	})
}

func TestAClosedConnectionRefusesRequests(t *testing.T) {
	conn := unserved(t)
	conn.Close()
	conn.Close()
	sink := newRecorded(false)
	conn.Begin(t.Context(), &Exchange{Request: message(t, request("1", "ping", "{}")), Sink: sink})
	if <-sink.done; sink.ending != Closed {
		t.Errorf("got %v", sink.ending)
	}
	if err := conn.Notify(t.Context(), message(t, `{"jsonrpc":"2.0","method":"notifications/initialized"}`)); err != nil {
		t.Errorf("got %v", err)
	}
}
