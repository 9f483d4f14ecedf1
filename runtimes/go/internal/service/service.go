// Package service serves MCP over HTTP: it checks a call in a fixed order, then handles it in its session, or without a
// session if it belongs to MCP 2026-07-28.
package service

import (
	"context"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/mcpserver"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/modern"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/session"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/turns"
)

// Options configure a service.
type Options struct {
	Sessions *session.Store
	MCP      *mcpserver.Server
	// Modern serves MCP 2026-07-28.
	Modern *modern.Server
	Limits Limits
	// RefuseAnonymous refuses initialize from anonymous callers. Otherwise, they get sessions that only anonymous
	// callers may use (AUTH-6).
	RefuseAnonymous bool
}

// Service answers the HTTP requests of a gateway. Its methods fail with a *failure.Refusal on the HTTP layer, a
// *failure.Call on the gRPC layer, or the error from their context.
type Service struct {
	options Options
	turns   *turns.Turns
}

// New returns a service.
func New(options Options) *Service { return &Service{options: options, turns: turns.New()} }

// Invoke handles a POST request.
func (s *Service) Invoke(ctx context.Context, call *httpcall.Call) (*httpcall.Answer, error) {
	posted, err := s.readPost(ctx, call)
	if err != nil {
		return nil, asModern(call, err)
	}
	if posted.isModern {
		return s.invokeModern(ctx, posted)
	}
	if posted.message.Kind != jsonrpc.Request {
		if err := s.deliver(ctx, posted); err != nil {
			return nil, err
		}
		return httpcall.Empty(202), nil
	}
	answer, err := s.answer(ctx, posted)
	return answer, posted.withID(err)
}

// CloseSession handles a DELETE request.
func (s *Service) CloseSession(_ context.Context, call *httpcall.Call) (*httpcall.Answer, error) {
	found, err := s.admit(call)
	if err != nil {
		return nil, asModern(call, err)
	}
	s.options.Sessions.End(found)
	return httpcall.Empty(204), nil
}

// answer returns the answer to a request.
func (s *Service) answer(ctx context.Context, posted *postCall) (*httpcall.Answer, error) {
	if posted.isHandshake() {
		opened, response, err := s.handshake(ctx, posted)
		if err != nil {
			return nil, err
		}
		answer := httpcall.JSON(200, response)
		if opened != nil {
			answer.Headers["mcp-session-id"] = opened.ID
		}
		return answer, nil
	}
	found, err := s.sessionFor(posted)
	if err != nil {
		return nil, err
	}
	messages, response, err := s.run(ctx, found.Conn, found.ID, posted)
	if err != nil {
		return nil, err
	}
	if len(messages) == 0 {
		return httpcall.JSON(200, response), nil
	}
	return httpcall.Events(found.Streams.Record(append(messages, response)...)), nil
}

// run executes a request in a session, and returns its messages and its response.
func (s *Service) run(
	ctx context.Context, conn *mcpserver.Conn, sessionID string, posted *postCall,
) (messages [][]byte, response []byte, err error) {
	sink := newCollected(s.options.Limits.CollectedBytes)
	cancel := conn.Begin(ctx, posted.exchange(sessionID, sink))
	defer cancel()
	select {
	case <-sink.done:
	case <-ctx.Done():
	}
	switch {
	case ctx.Err() != nil:
		return nil, nil, ctx.Err()
	case sink.err != nil:
		return nil, nil, sink.err
	case sink.ending == mcpserver.Closed:
		return nil, nil, failure.Refuse(failure.NotFound, "session_closed", "The session was closed").
			WithCode(failure.CodeSessionNotFound)
	case sink.ending == mcpserver.Cancelled:
		cancelled := failure.NewRPC(failure.Precondition, failure.CodeRequestCancelled,
			"request_cancelled", "The request was cancelled")
		return sink.messages, cancelled.Response(posted.message.ID), nil
	}
	return sink.messages, sink.response, nil
}

// deliver passes a notification or a response to its session.
func (s *Service) deliver(ctx context.Context, posted *postCall) error {
	found, err := s.sessionOf(posted.call, posted.caller)
	if err != nil {
		return err
	}
	if posted.message.Kind == jsonrpc.Notification {
		return found.Conn.Notify(ctx, posted.message)
	}
	return found.Conn.Respond(ctx, posted.message)
}

// handshake executes initialize. The session is nil if initialize fails (INIT-4).
func (s *Service) handshake(ctx context.Context, posted *postCall) (opened *session.Session, response []byte, err error) {
	if err := s.checkAnonymous(posted.caller); err != nil {
		return nil, nil, err
	}
	err = s.options.Sessions.Create(posted.caller.Owner, func() (*session.Session, error) {
		opened, response, err = s.open(ctx, posted)
		return opened, err
	})
	return opened, response, err
}

func (s *Service) open(ctx context.Context, posted *postCall) (*session.Session, []byte, error) {
	streams := stream.NewSet(s.options.Limits.Streams)
	conn, err := s.options.MCP.Connect(posted.caller.Owner, streams.Live())
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
