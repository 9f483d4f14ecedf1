// Package service serves MCP over HTTP for the revisions with sessions: it checks a call in a fixed order, then carries it
// out in its session.
package service

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/identity"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/mcpserver"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/session"
)

// Options configure a service.
type Options struct {
	Sessions *session.Store
	MCP      *mcpserver.Server
	Limits   Limits
	// RefuseAnonymous refuses initialize from callers without identity. Otherwise, only callers without identity may use
	// the sessions of such callers (AUTH-6).
	RefuseAnonymous bool
}

// Service answers the HTTP requests of a gateway. Its methods fail with a *failure.Refusal on the HTTP layer, a
// *failure.Call on the gRPC layer, or the error of their context.
type Service struct{ options Options }

// New returns a service.
func New(options Options) *Service { return &Service{options} }

// Invoke answers a POST.
func (s *Service) Invoke(ctx context.Context, call *httpcall.Call) (*httpcall.Answer, error) {
	caller, message, err := s.readPost(call)
	if err != nil {
		return nil, err
	}
	if message.Kind != jsonrpc.Request {
		if err := s.take(ctx, call, caller, message); err != nil {
			return nil, err
		}
		return httpcall.Empty(202), nil
	}
	answer, err := s.answer(ctx, call, caller, message)
	return answer, asAnswerTo(message, err)
}

// CloseSession answers a DELETE.
func (s *Service) CloseSession(_ context.Context, call *httpcall.Call) (*httpcall.Answer, error) {
	found, err := s.admit(call)
	if err != nil {
		return nil, err
	}
	s.options.Sessions.End(found)
	return httpcall.Empty(204), nil
}

// answer answers a request.
func (s *Service) answer(
	ctx context.Context, call *httpcall.Call, caller identity.Caller, request *jsonrpc.Message,
) (*httpcall.Answer, error) {
	if isHandshake(call, request) {
		opened, response, err := s.handshake(ctx, call, caller, request)
		if err != nil {
			return nil, err
		}
		answer := httpcall.JSON(200, response)
		if opened != nil {
			answer.Headers["mcp-session-id"] = opened.ID
		}
		return answer, nil
	}
	found, err := s.sessionFor(call, caller, request)
	if err != nil {
		return nil, err
	}
	messages, response, err := s.run(ctx, found.Conn, scopeOf(found.ID, caller, call), request)
	if err != nil {
		return nil, err
	}
	if len(messages) == 0 {
		return httpcall.JSON(200, response), nil
	}
	return httpcall.Events(found.Streams.Record(append(messages, response)...)), nil
}

// run carries out a request, and returns its messages and its response.
func (s *Service) run(
	ctx context.Context, conn *mcpserver.Conn, scope catalog.Scope, request *jsonrpc.Message,
) (messages [][]byte, response []byte, err error) {
	sink := newCollected(s.options.Limits.CollectedBytes)
	cancel := conn.Begin(ctx, &mcpserver.Exchange{Request: request, Scope: scope, Sink: sink})
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
		return sink.messages, cancelled.Response(request.ID), nil
	}
	return sink.messages, sink.response, nil
}

// identify checks the path and identifies the caller.
func identify(call *httpcall.Call) (identity.Caller, error) {
	if !call.AtEndpoint() {
		return identity.Caller{}, failure.Refuse(failure.NotFound, "no_such_path", "path: is not the MCP endpoint")
	}
	return identity.Identify(call.Auth, time.Now())
}

// admit checks a call without a message: a GET or a DELETE.
func (s *Service) admit(call *httpcall.Call) (*session.Session, error) {
	caller, err := identify(call)
	if err != nil {
		return nil, err
	}
	if err := checkRevision(call.Headers); err != nil {
		return nil, err
	}
	return s.sessionOf(call, caller)
}

// readPost checks a POST, except for its session, and reads its message.
func (s *Service) readPost(call *httpcall.Call) (identity.Caller, *jsonrpc.Message, error) {
	caller, err := identify(call)
	if err != nil {
		return caller, nil, err
	}
	if len(call.Body) > s.options.Limits.MaxBodyBytes {
		refusal := failure.Refuse(failure.InvalidArgument, "body_too_large", "The body is too large")
		refusal.Status = 413
		return caller, nil, refusal
	}
	message, err := jsonrpc.Parse(call.Body)
	if err != nil {
		return caller, nil, err
	}
	if err := checkRevision(call.Headers); err != nil {
		if message.Kind == jsonrpc.Request {
			return caller, nil, asAnswerTo(message, err)
		}
		return caller, nil, err
	}
	return caller, message, nil
}

// checkRevision refuses revisions that are not supported (INIT-6). A call may name no revision (INIT-7).
func checkRevision(headers httpcall.Headers) error {
	revision, given := headers["mcp-protocol-version"]
	supported := mcpserver.Revisions()
	if !given || slices.Contains(supported, revision) {
		return nil
	}
	refusal := failure.Refuse(failure.InvalidArgument, "protocol_version_not_served",
		"mcp-protocol-version: not supported; use one of "+strings.Join(supported, ", "))
	refusal.Data = map[string]any{"supported": supported}
	return refusal
}

// sessionOf finds the session of a call, if the caller may use it. It fails with a 400 if the call names no session
// (SESSION-3).
func (s *Service) sessionOf(call *httpcall.Call, caller identity.Caller) (*session.Session, error) {
	if call.SessionID == "" {
		return nil, failure.Refuse(failure.InvalidArgument, "session_required",
			"session_id: is missing; only initialize works without a session")
	}
	found, err := s.options.Sessions.Find(call.SessionID)
	if err != nil {
		return nil, err
	}
	return found, found.Admit(caller, call.ServerID)
}

// sessionFor finds the session for a request. It refuses a second handshake (INIT-5) and too many requests in flight
// (SESSION-10).
func (s *Service) sessionFor(
	call *httpcall.Call, caller identity.Caller, request *jsonrpc.Message,
) (*session.Session, error) {
	found, err := s.sessionOf(call, caller)
	switch {
	case err != nil:
		return nil, err
	case request.Method == "initialize":
		return nil, failure.Refuse(failure.InvalidArgument, "already_initialized",
			"The session is initialized already").WithCode(failure.CodeInvalidRequest)
	case found.Conn.InFlight() >= s.options.Limits.MaxRequestsPerSession:
		return nil, failure.Refuse(failure.RateLimited, "too_many_requests",
			"The session has too many requests in flight")
	}
	return found, nil
}

// take accepts a notification or a response.
func (s *Service) take(
	ctx context.Context, call *httpcall.Call, caller identity.Caller, message *jsonrpc.Message,
) error {
	found, err := s.sessionOf(call, caller)
	if err != nil {
		return err
	}
	if message.Kind == jsonrpc.Notification {
		return found.Conn.Notify(ctx, message)
	}
	return found.Conn.Respond(ctx, message)
}

// scopeOf returns what a tool may know about its call: the claims of this call, not of the one that created the session
// (AUTH-9).
func scopeOf(sessionID string, caller identity.Caller, call *httpcall.Call) catalog.Scope {
	owner := "session " + sessionID
	if caller.Known() {
		owner = "caller " + caller.Owner
	}
	return catalog.Scope{Caller: caller, ServerID: call.ServerID, Owner: owner}
}

// asAnswerTo gives a refusal the id of the request that it answers.
func asAnswerTo(request *jsonrpc.Message, err error) error {
	if refusal, ok := errors.AsType[*failure.Refusal](err); ok {
		return refusal.WithID(request.ID)
	}
	return err
}
