package modern

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/state"
)

// Send sends a message that precedes the response. It blocks until the reader has room for more (STREAM-11), and fails
// when ctx ends or no more messages are accepted.
type Send func(ctx context.Context, message []byte) error

// Request is a request that passed all checks that need no catalog entry.
type Request struct {
	server   *Server
	message  *jsonrpc.Message
	scope    catalog.Scope
	envelope envelope
	// members are the members of params.
	members map[string]json.RawMessage
	// state is the opened payload of the previous round, or nil.
	state json.RawMessage
}

// Open checks a request: its id, its metadata, its header fields, its method, its params and its state.
func (s *Server) Open(message *jsonrpc.Message, headers httpcall.Headers, scope catalog.Scope) (*Request, error) {
	if !jsonrpc.IsString(json.RawMessage(message.ID)) && !jsonrpc.IsWhole(json.RawMessage(message.ID)) {
		return nil, refuse(failure.NewRPC(failure.InvalidArgument, failure.CodeInvalidRequest, "invalid_request",
			"The member id is neither a string nor an integer"))
	}
	request, refusal := s.open(message, headers, scope)
	if refusal != nil {
		return nil, refusal.WithID(message.ID)
	}
	return request, nil
}

func (s *Server) open(
	message *jsonrpc.Message, headers httpcall.Headers, scope catalog.Scope,
) (*Request, *failure.Refusal) {
	envelope, refusal := readEnvelope(message)
	if refusal != nil {
		return nil, refusal
	}
	if refusal := checkVersion(headers, envelope.version); refusal != nil {
		return nil, refusal
	}
	if refusal := checkMethod(headers, message.Method); refusal != nil {
		return nil, refusal
	}
	if _, served := s.methods[message.Method]; !served {
		return nil, refuse(failure.MethodNotFound())
	}
	if refusal := checkParams(message); refusal != nil {
		return nil, refusal
	}
	if refusal := checkName(headers, message); refusal != nil {
		return nil, refusal
	}
	request := &Request{server: s, message: message, scope: scope, envelope: envelope}
	request.members, _ = jsonrpc.Members(message.Params)
	if refusal := checkArguments(headers, s.tools[request.name()].repeated, request.members["arguments"]); refusal != nil {
		return nil, refusal
	}
	return request, request.openState()
}

// openState opens the state of the previous round, if the request has any.
func (r *Request) openState() *failure.Refusal {
	token, given := r.members["requestState"]
	if _, mayAsk := nameMembers[r.message.Method]; !given || !mayAsk {
		return nil
	}
	text, _ := jsonrpc.Text(token)
	var ok bool
	if r.state, ok = r.server.sealer.Open(r.binding(), text); !ok {
		return refuse(failure.InvalidParams("params.requestState: was not issued for this request, or has expired"))
	}
	return nil
}

func (r *Request) binding() []byte { return state.Binding(r.scope, r.message.Method, r.message.Params) }

// name returns the tool of a tools/call, or "".
func (r *Request) name() string {
	if r.message.Method != "tools/call" {
		return ""
	}
	name, _ := jsonrpc.Text(r.members["name"])
	return name
}

// IsSubscription reports whether the request opens a subscription, which Listen serves.
func (r *Request) IsSubscription() bool { return r.message.Method == listenMethod }

// Run executes a request and returns its response. It fails with a *failure.Refusal for an error whose HTTP status
// matters, and with the error from ctx if the request was cancelled. After Run has returned, it sends no more messages.
func (r *Request) Run(ctx context.Context, send Send) (response []byte, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(r.server.closed, cancel)()
	done, err := r.execute(ctx, send)
	if ended := ctx.Err(); ended != nil {
		return nil, ended
	}
	if known, ok := errors.AsType[*catalog.MissingCapability](err); ok {
		return nil, refuse(missingCapability(known)).WithID(r.message.ID)
	}
	if known, ok := errors.AsType[*failure.RPC](err); ok {
		return known.Response(r.message.ID), nil
	}
	if err != nil {
		r.server.options.Logger.Error("a request failed", "method", r.message.Method, "error", err)
		return failure.InternalError().Response(r.message.ID), nil
	}
	return done.response(r.message.ID, r.server.identity), nil
}

// execute runs the method. It turns a panic into a failure of the request.
func (r *Request) execute(ctx context.Context, send Send) (done *result, err error) {
	defer func() {
		if value := recover(); value != nil {
			r.server.options.Logger.Error("a request panicked", "method", r.message.Method, failure.Panic(value))
			done, err = nil, failure.InternalError()
		}
	}()
	return r.server.methods[r.message.Method](ctx, r, send)
}

// refuse returns the refusal for an error (MODERN-10: 404 only for unknown methods).
func refuse(rpc *failure.RPC) *failure.Refusal {
	refusal := &failure.Refusal{RPC: *rpc, OmitID: true}
	if rpc.Code != failure.CodeMethodNotFound {
		refusal.Status = 400
	}
	return refusal
}

func missingCapability(missing *catalog.MissingCapability) *failure.RPC {
	rpc := failure.NewRPC(failure.InvalidArgument, failure.CodeMissingCapability, "capability_missing",
		"The request needs a capability of the client that it does not declare")
	rpc.Data = map[string]any{"requiredCapabilities": missing.Required}
	return rpc
}
