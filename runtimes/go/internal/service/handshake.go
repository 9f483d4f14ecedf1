package service

import (
	"context"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/identity"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/mcpserver"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/session"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

// isHandshake reports whether a request opens a session (INIT-1).
func isHandshake(call *httpcall.Call, message *jsonrpc.Message) bool {
	return message.Method == "initialize" && call.SessionID == ""
}

// handshake carries out initialize. The session is nil if initialize fails (INIT-4).
func (s *Service) handshake(
	ctx context.Context, call *httpcall.Call, caller identity.Caller, request *jsonrpc.Message,
) (opened *session.Session, response []byte, err error) {
	if s.options.RefuseAnonymous && !caller.Known() {
		return nil, nil, failure.Refuse(failure.Unauthenticated, "identity_required",
			"auth_context: callers without identity are refused")
	}
	err = s.options.Sessions.Create(func() (*session.Session, error) {
		opened, response, err = s.open(ctx, call, caller, request)
		return opened, err
	})
	return opened, response, err
}

func (s *Service) open(
	ctx context.Context, call *httpcall.Call, caller identity.Caller, request *jsonrpc.Message,
) (*session.Session, []byte, error) {
	limits := s.options.Limits
	streams := stream.NewSet(stream.Limits{
		ReplayEvents: limits.ReplayEvents, ReplayBytes: limits.ReplayBytes, BufferBytes: limits.StreamBufferBytes,
	})
	conn, err := s.options.MCP.Connect(streams.Live())
	if err != nil {
		return nil, nil, err
	}
	id := session.NewID()
	_, response, err := s.run(ctx, conn, scopeOf(id, caller, call), request)
	if err != nil || conn.Revision() == "" {
		conn.Close()
		return nil, response, err
	}
	if mcpserver.HasPrimingEvents(conn.Revision()) {
		streams.Prime()
	}
	opened := &session.Session{ID: id, Owner: caller.Owner, ServerID: call.ServerID, Conn: conn, Streams: streams}
	return opened, response, nil
}
