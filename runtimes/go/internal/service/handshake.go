package service

import (
	"context"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/mcpserver"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/session"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

// handshake carries out initialize. The session is nil if initialize fails (INIT-4).
func (s *Service) handshake(ctx context.Context, posted *postCall) (opened *session.Session, response []byte, err error) {
	if s.options.RefuseAnonymous && !posted.caller.Known() {
		return nil, nil, failure.Refuse(failure.Unauthenticated, "identity_required",
			"auth_context: callers without identity are refused")
	}
	err = s.options.Sessions.Create(func() (*session.Session, error) {
		opened, response, err = s.open(ctx, posted)
		return opened, err
	})
	return opened, response, err
}

func (s *Service) open(ctx context.Context, posted *postCall) (*session.Session, []byte, error) {
	streams := stream.NewSet(s.options.Limits.Streams)
	conn, err := s.options.MCP.Connect(streams.Live())
	if err != nil {
		return nil, nil, err
	}
	id := session.NewID()
	_, response, err := s.run(ctx, conn, id, posted)
	if err != nil || conn.Revision() == "" {
		conn.Close()
		return nil, response, err
	}
	if mcpserver.HasPrimingEvents(conn.Revision()) {
		streams.Prime()
	}
	return &session.Session{
		ID: id, Owner: posted.caller.Owner, ServerID: posted.call.ServerID, Conn: conn, Streams: streams,
	}, response, nil
}
