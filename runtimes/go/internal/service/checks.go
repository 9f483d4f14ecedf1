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
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/modern"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/session"
)

// postCall is a POST that passed all checks except those of its session.
type postCall struct {
	call    *httpcall.Call
	caller  identity.Caller
	message *jsonrpc.Message
	// isModern reports whether the message belongs to MCP 2026-07-28 (MODERN-1).
	isModern bool
}

// isHandshake reports whether a request opens a session (INIT-1).
func (p *postCall) isHandshake() bool {
	return p.message.Method == "initialize" && p.call.SessionID == ""
}

// exchange returns the exchange of a request. Its scope has the claims of this call, not of the call that created the
// session (AUTH-9).
func (p *postCall) exchange(sessionID string, sink mcpserver.Sink) *mcpserver.Exchange {
	owner := "session " + sessionID
	if p.caller.Known() {
		owner = "caller " + p.caller.Owner
	}
	scope := catalog.Scope{Caller: p.caller, ServerID: p.call.ServerID, Owner: owner}
	return &mcpserver.Exchange{Request: p.message, Scope: scope, Sink: sink}
}

// withID adds the id of the request to a refusal, and returns any other error unchanged.
func (p *postCall) withID(err error) error {
	if refusal, ok := errors.AsType[*failure.Refusal](err); ok {
		return refusal.WithID(p.message.ID)
	}
	return err
}

// readPost checks a POST, except for its session, and parses its message.
func (s *Service) readPost(ctx context.Context, call *httpcall.Call) (*postCall, error) {
	caller, err := identify(call)
	if err != nil {
		return nil, err
	}
	if err := s.checkBeforeBody(call, caller); err != nil {
		return nil, err
	}
	if len(call.Body) > s.options.Limits.MaxBodyBytes {
		refusal := failure.Refuse(failure.InvalidArgument, "body_too_large", "The body is too large")
		refusal.Status = 413
		return nil, refusal
	}
	message, err := s.parse(ctx, call.Body, caller)
	if err != nil {
		return nil, err
	}
	posted := &postCall{call: call, caller: caller, message: message}
	if posted.isModern = modern.Serves(message, call.Headers); posted.isModern {
		return posted, s.checkAnonymous(caller)
	}
	err = checkRevision(call.Headers)
	if message.Kind == jsonrpc.Request {
		err = posted.withID(err)
	}
	return posted, err
}

// largeBodyBytes is the size above which bodies are parsed in turns. Smaller ones take a millisecond or two at most.
const largeBodyBytes = 64 << 10

// parse parses a body. Callers with large bodies take turns (LIMIT-5).
func (s *Service) parse(ctx context.Context, body []byte, caller identity.Caller) (*jsonrpc.Message, error) {
	if len(body) <= largeBodyBytes {
		return jsonrpc.Parse(body)
	}
	end, err := s.turns.Begin(ctx, caller.Owner)
	if err != nil {
		return nil, err
	}
	defer end()
	return jsonrpc.Parse(body)
}

// checkBeforeBody makes the checks of a POST that do not depend on its body, before the body is parsed (RPC-23). A
// request of MCP 2026-07-28 may name any session.
func (s *Service) checkBeforeBody(call *httpcall.Call, caller identity.Caller) error {
	switch {
	case modern.NamedBy(call.Headers):
		return nil
	case call.SessionID == "":
		return s.checkAnonymous(caller)
	}
	_, err := s.sessionOf(call, caller)
	return err
}

// checkAnonymous refuses an anonymous caller if the policy does. Without sessions, it applies to every request
// (AUTH-6).
func (s *Service) checkAnonymous(caller identity.Caller) error {
	if !s.options.RefuseAnonymous || caller.Known() {
		return nil
	}
	return failure.Refuse(failure.Unauthenticated, "identity_required", "auth_context: anonymous callers are refused")
}

// admit checks a GET or a DELETE, and finds its session.
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

// identify checks the path and identifies the caller.
func identify(call *httpcall.Call) (identity.Caller, error) {
	if !call.AtEndpoint() {
		return identity.Caller{}, failure.Refuse(failure.NotFound, "no_such_path", "path: is not the MCP endpoint")
	}
	return identity.Identify(call.Auth, time.Now())
}

// checkRevision refuses unsupported revisions (INIT-6). The header is optional (INIT-7).
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

// sessionOf returns the session of a call, if the caller may use it. It fails with a 400 if the call does not name a
// session (SESSION-3).
func (s *Service) sessionOf(call *httpcall.Call, caller identity.Caller) (*session.Session, error) {
	if call.SessionID == "" {
		return nil, failure.Refuse(failure.InvalidArgument, "session_required",
			"session_id: is required for every request except initialize")
	}
	found, err := s.options.Sessions.Find(call.SessionID)
	if err != nil {
		return nil, err
	}
	return found, found.Admit(caller, call.ServerID)
}

// sessionFor returns the session for a request. It refuses a second handshake (INIT-5) and a request above the
// in-flight limit (SESSION-10).
func (s *Service) sessionFor(posted *postCall) (*session.Session, error) {
	found, err := s.sessionOf(posted.call, posted.caller)
	switch {
	case err != nil:
		return nil, err
	case posted.message.Method == "initialize":
		return nil, failure.Refuse(failure.InvalidArgument, "already_initialized",
			"The session is already initialized").WithCode(failure.CodeInvalidRequest)
	case found.Conn.InFlight() >= s.options.Limits.MaxRequestsPerSession:
		return nil, failure.Refuse(failure.RateLimited, "too_many_requests",
			"The session has too many requests in flight")
	}
	return found, nil
}
