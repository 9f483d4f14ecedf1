package mcpserver

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/identity"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

// recorded is a sink that records its input.
type recorded struct {
	interactive bool
	messages    chan string
	done        chan struct{}
	ending      Ending
	response    string
}

func newRecorded(interactive bool) *recorded {
	return &recorded{interactive: interactive, messages: make(chan string, 100), done: make(chan struct{})}
}

func (r *recorded) Interactive() bool                         { return r.interactive }
func (r *recorded) Message(_ context.Context, message []byte) { r.messages <- string(message) }
func (r *recorded) Suspend(time.Duration)                     {}
func (r *recorded) Finish(ending Ending, response []byte) {
	r.ending, r.response = ending, string(response)
	close(r.done)
}

func newServer(t *testing.T, entries *catalog.Catalog) *Server {
	t.Helper()
	server, err := New(Options{
		Catalog: entries, Version: "1.2.3", Subscriptions: SubscriptionLimits{PerSession: 2, PerCaller: 3, Total: 10, URIBytes: 100}, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func connect(t *testing.T, server *Server) (*Conn, *stream.Set) {
	t.Helper()
	streams := stream.NewSet(stream.Limits{ReplayEvents: 100, ReplayBytes: 1 << 20, BufferBytes: 1 << 20})
	conn, err := server.Connect("", streams.Live())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn, streams
}

func message(t *testing.T, text string) *jsonrpc.Message {
	t.Helper()
	message, err := jsonrpc.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return message
}

func begin(t *testing.T, conn *Conn, sink Sink, text string) (cancel func()) {
	t.Helper()
	scope := catalog.Scope{Caller: identity.Anonymous(), Owner: "owner"}
	return conn.Begin(t.Context(), &Exchange{Request: message(t, text), Scope: scope, Sink: sink})
}

// call sends a request and returns its response.
func call(t *testing.T, conn *Conn, text string) string {
	t.Helper()
	sink := newRecorded(false)
	begin(t, conn, sink, text)
	<-sink.done
	if sink.ending != Answered {
		t.Fatalf("%s was not answered", text)
	}
	return sink.response
}

func request(id, method, params string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":%q,"params":%s}`, id, method, params)
}

func initialize(t *testing.T, conn *Conn, revision, capabilities string) string {
	t.Helper()
	params := fmt.Sprintf(`{"protocolVersion":%q,"capabilities":%s,"clientInfo":{"name":"t","version":"1"}}`, revision, capabilities)
	return call(t, conn, request("0", "initialize", params))
}

func toolText(t *testing.T, response string) (text string, isError bool) {
	t.Helper()
	var answer struct {
		Result struct {
			Content []struct{ Text string }
			IsError bool
		}
	}
	if err := json.Unmarshal([]byte(response), &answer); err != nil || len(answer.Result.Content) != 1 {
		t.Fatalf("not a tool result: %s", response)
	}
	return answer.Result.Content[0].Text, answer.Result.IsError
}

func errorCode(t *testing.T, response string) int {
	t.Helper()
	var answer struct{ Error struct{ Code int } }
	if err := json.Unmarshal([]byte(response), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Error.Code
}
