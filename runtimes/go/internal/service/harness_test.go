package service

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/identity"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/mcpserver"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/session"
)

// served is a service with the tools "wait", "say" and "flood".
type served struct {
	*Service
	t *testing.T
	// started and stopped receive a value when "wait" and "flood" begin and end.
	started, stopped chan struct{}
}

func newServed(t *testing.T, change func(*Options)) *served {
	t.Helper()
	s := &served{t: t, started: make(chan struct{}, 1000), stopped: make(chan struct{}, 1000)}
	tool := func(name string, work func(ctx context.Context, call catalog.Call) error) catalog.Tool {
		return catalog.Tool{
			Tool: mcp.Tool{Name: name, InputSchema: json.RawMessage(`{"type":"object"}`)},
			Call: func(ctx context.Context, call catalog.Call, _ json.RawMessage) (*mcp.CallToolResult, error) {
				return catalog.TextResult(name), work(ctx, call)
			},
		}
	}
	say := func(ctx context.Context, call catalog.Call, text string) error {
		return call.Log(ctx, catalog.OnRequest, &mcp.LoggingMessageParams{Level: "info", Data: text})
	}
	tracked := func(work func(ctx context.Context, call catalog.Call) error) func(context.Context, catalog.Call) error {
		return func(ctx context.Context, call catalog.Call) error {
			s.started <- struct{}{}
			defer func() { s.stopped <- struct{}{} }()
			return work(ctx, call)
		}
	}
	server, err := mcpserver.New(mcpserver.Options{
		Catalog: &catalog.Catalog{Tools: []catalog.Tool{
			tool("wait", tracked(func(ctx context.Context, _ catalog.Call) error { <-ctx.Done(); return ctx.Err() })),
			tool("say", func(ctx context.Context, call catalog.Call) error { return say(ctx, call, "hello") }),
			tool("flood", tracked(func(ctx context.Context, call catalog.Call) error {
				for ctx.Err() == nil {
					if err := say(ctx, call, strings.Repeat("x", 100)); err != nil {
						return err
					}
				}
				return ctx.Err()
			})),
		}},
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	options := Options{MCP: server, Limits: DefaultLimits()}
	options.Limits.Sessions = session.Limits{MaxSessions: 2, MaxSessionsPerCaller: 3, Idle: time.Minute}
	if change != nil {
		change(&options)
	}
	options.Sessions = session.NewStore(options.Limits.Sessions)
	t.Cleanup(options.Sessions.Close)
	s.Service = New(options)
	return s
}

// authOf returns the auth context of a caller.
func authOf(email string) *identity.Context {
	claims := fmt.Sprintf(`{"email":%q,"is_authenticated":true}`, email)
	return &identity.Context{Encoded: base64.RawURLEncoding.EncodeToString([]byte(claims))}
}

func post(sessionID, body string) *httpcall.Call {
	return &httpcall.Call{Method: "POST", Path: "/mcp", SessionID: sessionID, Body: []byte(body), Auth: authOf("alice")}
}

func get(sessionID, lastEventID string) *httpcall.Call {
	call := post(sessionID, "")
	call.Method = "GET"
	if lastEventID != "" {
		call.Headers = httpcall.Headers{"last-event-id": lastEventID}
	}
	return call
}

func request(id, method, params string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":%q,"params":%s}`, id, method, params)
}

func toolCall(name string) string {
	return request("1", "tools/call", fmt.Sprintf(`{"name":%q}`, name))
}

const initializeParams = `{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}`

// session opens a session for alice, and returns its id.
func (s *served) session() string {
	s.t.Helper()
	answer, err := s.Invoke(s.t.Context(), post("", request("1", "initialize", initializeParams)))
	if err != nil || answer.Headers["mcp-session-id"] == "" {
		s.t.Fatalf("got %v, %v", answer, err)
	}
	return answer.Headers["mcp-session-id"]
}

// open opens a stream that has a reader.
func (s *served) open(ctx context.Context, call *httpcall.Call) *OpenStream {
	s.t.Helper()
	open, err := s.InvokeStream(ctx, call)
	if err != nil || open.Reader == nil {
		s.t.Fatalf("got %v, %v", open, err)
	}
	return open
}

// drain reads a stream to its end.
func drain(t *testing.T, open *OpenStream) string {
	t.Helper()
	var text strings.Builder
	for {
		<-open.Reader.Ready()
		piece, err := open.Reader.Take()
		if errors.Is(err, io.EOF) {
			open.Release(true)
			return text.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		text.Write(piece)
		open.Reader.Sent()
	}
}

// checkRefusal checks the status and the reason of a refusal.
func checkRefusal(t *testing.T, name string, err error, status int, reason string) {
	t.Helper()
	refusal, ok := errors.AsType[*failure.Refusal](err)
	if !ok || refusal.HTTPStatus() != status || refusal.Reason != reason {
		t.Errorf("%s: got %#v, want a %d for %s", name, err, status, reason)
	}
}

func idOfEvent(events string) string {
	_, rest, _ := strings.Cut(events, "id: ")
	id, _, _ := strings.Cut(rest, "\n")
	return id
}
