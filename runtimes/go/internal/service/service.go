// Package service is MCP over HTTP for the revisions with sessions: the checks in their order, then the session's work.
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

// Options are what a service is composed of.
type Options struct {
	Sessions *session.Store
	MCP      *mcpserver.Server
	Limits   Limits
	// RefuseAnonymous refuses the initialize of callers without identity; otherwise they get sessions that only callers
	// without identity may use (AUTH-6).
	RefuseAnonymous bool
}

// Service answers the HTTP requests of a gateway. Its methods fail with a *failure.Refusal (the HTTP layer says no), with
// a *failure.Call (the gRPC layer does), or with the error of their context.
type Service struct{ options Options }

// New makes a service.
func New(options Options) *Service { return &Service{options} }

// Invoke answers one POST.
func (s *Service) Invoke(ctx context.Context, call *httpcall.Call) (*httpcall.Answer, error) {
	caller, message, err := s.readPost(call)
	if err != nil {
		return nil, err
	}
	if message.Kind != jsonrpc.Request {
		if err := s.take(call, caller, message); err != nil {
			return nil, err
		}
		return httpcall.Empty(202), nil
	}
	answer, err := s.carryOut(ctx, call, caller, message)
	return answer, asAnswerTo(message, err)
}

// CloseSession answers one DELETE.
func (s *Service) CloseSession(call *httpcall.Call) (*httpcall.Answer, error) {
	caller, err := s.admit(call)
	if err != nil {
		return nil, err
	}
	session, err := s.sessionOf(call, caller)
	if err != nil {
		return nil, err
	}
	s.options.Sessions.End(session)
	return httpcall.Empty(204), nil
}

func (s *Service) carryOut(
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
	session, err := s.sessionFor(call, caller, request)
	if err != nil {
		return nil, err
	}
	path := newCollected(s.options.Limits.CollectedBytes)
	cancel := session.Conn.Begin(&mcpserver.Exchange{Request: request, Scope: scopeOf(session.ID, caller, call), Path: path})
	select {
	case <-path.done:
	case <-path.overflow:
		cancel()
		return nil, &failure.Call{
			Category: failure.RateLimited,
			Message:  "The answer has more messages than one response may hold",
		}
	case <-ctx.Done():
		cancel()
		return nil, ctx.Err()
	}
	response, err := responseOf(request, path.ending, path.response)
	if err != nil {
		return nil, err
	}
	if len(path.messages) == 0 {
		return httpcall.JSON(200, response), nil
	}
	return httpcall.Events(session.Streams.Record(append(path.messages, response)...)), nil
}

// admit is what every call goes through first: the path, the caller, the revision.
func (s *Service) admit(call *httpcall.Call) (identity.Caller, error) {
	caller, err := identify(call)
	if err != nil {
		return caller, err
	}
	return caller, checkRevision(call.Headers)
}

func identify(call *httpcall.Call) (identity.Caller, error) {
	if !call.AtEndpoint() {
		return identity.Caller{}, failure.Refuse(failure.NotFound, "no_such_path", "path: is not the MCP endpoint")
	}
	return identity.Identify(call.Auth, time.Now())
}

// readPost reads a POST up to its message; the session comes after it.
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

// checkRevision refuses a revision that is not served (INIT-6). None is fine (INIT-7).
func checkRevision(headers httpcall.Headers) error {
	revision, given := headers["mcp-protocol-version"]
	if !given || slices.Contains(mcpserver.Revisions(), revision) {
		return nil
	}
	served := mcpserver.Revisions()
	refusal := failure.Refuse(failure.InvalidArgument, "protocol_version_not_served",
		"mcp-protocol-version: not served; served are "+strings.Join(served, ", "))
	refusal.Data = map[string]any{"supported": served}
	return refusal
}

// sessionOf is the session that a call names and may use. It fails with a 400 where none is named (SESSION-3).
func (s *Service) sessionOf(call *httpcall.Call, caller identity.Caller) (*session.Session, error) {
	if call.SessionID == "" {
		return nil, failure.Refuse(failure.InvalidArgument, "session_required",
			"session_id: is missing; only initialize goes without")
	}
	found, err := s.options.Sessions.Find(call.SessionID)
	if err != nil {
		return nil, err
	}
	return found, found.Admit(caller, call.ServerID)
}

// sessionFor is the session in which a request can be carried out: not a second handshake (INIT-5), and not one too many
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
	case found.Conn.UnderWay() >= s.options.Limits.MaxRequestsPerSession:
		return nil, failure.Refuse(failure.RateLimited, "too_many_requests",
			"The session has too many requests under way")
	}
	return found, nil
}

// take takes a message that has no answer.
func (s *Service) take(call *httpcall.Call, caller identity.Caller, message *jsonrpc.Message) error {
	found, err := s.sessionOf(call, caller)
	if err != nil {
		return err
	}
	if message.Kind == jsonrpc.Notification {
		found.Conn.Notify(message)
	} else {
		found.Conn.Respond(message)
	}
	return nil
}

// scopeOf is what a tool sees of its call: the call's own claims, not those that created the session (AUTH-9).
func scopeOf(sessionID string, caller identity.Caller, call *httpcall.Call) catalog.Scope {
	owner := "session " + sessionID
	if caller.Known() {
		owner = "caller " + caller.Owner
	}
	return catalog.Scope{Caller: caller, ServerID: call.ServerID, Owner: owner}
}

// responseOf is the response to a request that has ended. One that was closed with its session is a 404.
func responseOf(request *jsonrpc.Message, ending mcpserver.Ending, response []byte) ([]byte, error) {
	switch ending {
	case mcpserver.Cancelled:
		cancelled := failure.RPC{
			Category: failure.Precondition,
			Code:     failure.CodeRequestCancelled,
			Reason:   "request_cancelled",
			Message:  "The request was cancelled",
		}
		return cancelled.Response(request.ID), nil
	case mcpserver.Closed:
		return nil, failure.Refuse(failure.NotFound, "session_closed", "The session was closed").
			WithCode(failure.CodeSessionNotFound)
	}
	return response, nil
}

// asAnswerTo makes a refusal the answer to a request.
func asAnswerTo(request *jsonrpc.Message, err error) error {
	if refusal, ok := errors.AsType[*failure.Refusal](err); ok {
		return refusal.WithID(request.ID)
	}
	return err
}
