package service

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/modern"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

// asModern adapts the refusal of a call to MCP 2026-07-28, if the header fields name that revision: an unknown id is
// left out (MODERN-11), and that revision does not use -32000. It returns any other error unchanged.
func asModern(call *httpcall.Call, err error) error {
	refusal, ok := errors.AsType[*failure.Refusal](err)
	if !ok || !modern.NamedBy(call.Headers) {
		return err
	}
	refusal.OmitID = true
	if refusal.Code == failure.CodeServerError {
		refusal.Code = failure.CodeInvalidRequest
	}
	return refusal
}

// openModern checks a message of MCP 2026-07-28. The request is nil for a notification, which has no effect: the end of a
// stream cancels its request.
func (s *Service) openModern(posted *postCall) (*modern.Request, error) {
	switch posted.message.Kind {
	case jsonrpc.Notification:
		return nil, modern.CheckNotification(posted.message, posted.call.Headers)
	case jsonrpc.Response:
		refusal := failure.Refuse(failure.InvalidArgument, "response_unexpected", "This revision has no posted responses")
		refusal.OmitID = true
		return nil, refusal.WithCode(failure.CodeInvalidRequest)
	}
	// Callers without an identity cannot be distinguished, so they count as one caller.
	owner := "anonymous"
	if posted.caller.Known() {
		owner = "caller " + posted.caller.Owner
	}
	scope := catalog.Scope{Caller: posted.caller, ServerID: posted.call.ServerID, Owner: owner}
	return s.options.Modern.Open(posted.message, posted.call.Headers, scope)
}

// eventHeaders returns the header fields of a stream of events. Proxies must not buffer it.
func eventHeaders() map[string]string {
	return map[string]string{
		"content-type": "text/event-stream", "cache-control": "no-cache", "x-accel-buffering": "no",
	}
}

// invokeModern handles a POST of MCP 2026-07-28 whose answer is complete.
func (s *Service) invokeModern(ctx context.Context, posted *postCall) (*httpcall.Answer, error) {
	request, err := s.openModern(posted)
	switch {
	case err != nil:
		return nil, err
	case request == nil:
		return httpcall.Empty(202), nil
	case request.IsSubscription():
		return nil, failure.Refuse(failure.InvalidArgument, "stream_required",
			posted.message.Method+" needs a streamed answer").WithCode(failure.CodeInvalidRequest).WithID(posted.message.ID)
	}
	sink := newCollected(s.options.Limits.CollectedBytes)
	response, err := request.Run(ctx, func(ctx context.Context, message []byte) error {
		sink.Message(ctx, message)
		select {
		case <-sink.done:
			return errTooMany
		default:
			return nil
		}
	})
	switch {
	case sink.err != nil:
		return nil, sink.err
	case err != nil:
		return nil, ended(ctx, err)
	case len(sink.messages) == 0:
		return httpcall.JSON(200, response), nil
	}
	answer := httpcall.Events(stream.Encode(append(sink.messages, response)...))
	maps.Copy(answer.Headers, eventHeaders())
	return answer, nil
}

var errTooMany = errors.New("the messages exceed the size limit of one answer")

// ended returns the failure of a call whose request ended without a response: the runtime stops, unless the call itself
// has ended.
func ended(ctx context.Context, err error) error {
	if errors.Is(err, context.Canceled) && ctx.Err() == nil {
		return &failure.Call{Category: failure.Unavailable, Message: "The runtime is stopping"}
	}
	return err
}

// streamModern handles a POST of MCP 2026-07-28 with a streamed answer. A request that fails at once gets the status of
// its error (POST-6), but a slow request does not hold back the head of its stream.
func (s *Service) streamModern(ctx context.Context, posted *postCall) (*OpenStream, error) {
	request, err := s.openModern(posted)
	if err != nil {
		return nil, err
	}
	if request == nil {
		return &OpenStream{Status: 202}, nil
	}
	reader := s.newReader()
	if request.IsSubscription() {
		remove, err := request.Listen(reader, posted.expiry())
		if err != nil {
			return nil, err
		}
		return modernStream(reader, remove), nil
	}
	running, cancel := context.WithCancel(ctx)
	begin := &beginning{decided: make(chan error, 1)}
	go begin.run(running, request, reader)
	timer := time.NewTimer(s.options.Limits.HeadDelay)
	defer timer.Stop()
	select {
	case err = <-begin.decided:
	case <-timer.C:
		if !begin.decide(nil) {
			err = <-begin.decided
		}
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		cancel()
		return nil, err
	}
	return modernStream(reader, cancel), nil
}

// expiry returns the end of the caller's credentials in milliseconds since the epoch, or 0.
func (p *postCall) expiry() uint64 {
	if p.call.Auth == nil {
		return 0
	}
	return p.call.Auth.ExpiresAtEpochMS
}

func modernStream(reader *stream.Reader, release func()) *OpenStream {
	open := eventStream(reader, func(bool) { release() })
	open.Headers = eventHeaders()
	return open
}
