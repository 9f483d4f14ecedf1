package service

import (
	"context"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/identity"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/mcpserver"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

// OpenStream is the answer to an InvokeStream: a status without events, or a stream.
type OpenStream struct {
	Status  int
	Headers map[string]string
	// Reader gives the events of the stream; nil where there are none (POST-3).
	Reader *stream.Reader
	// Release is called once, when the call is over: with true where the stream ended in the regular way.
	Release func(regular bool)
}

// InvokeStream answers one GET, or a POST whose answer is a stream.
func (s *Service) InvokeStream(ctx context.Context, call *httpcall.Call) (*OpenStream, error) {
	if call.Method == "GET" {
		return s.get(ctx, call)
	}
	caller, message, err := s.readPost(call)
	if err != nil {
		return nil, err
	}
	if message.Kind != jsonrpc.Request {
		if err := s.take(call, caller, message); err != nil {
			return nil, err
		}
		return &OpenStream{Status: 202}, nil
	}
	if isHandshake(call, message) {
		return s.handshakeStream(ctx, call, caller, message)
	}
	return s.post(call, caller, message)
}

func (s *Service) newReader() *stream.Reader {
	return stream.NewReader(s.options.Limits.StreamHighWaterBytes)
}

func eventStream(reader *stream.Reader, release func(regular bool)) *OpenStream {
	return &OpenStream{
		Status:  200,
		Headers: map[string]string{"content-type": "text/event-stream"},
		Reader:  reader,
		Release: func(regular bool) {
			reader.Close()
			release(regular)
		},
	}
}

// post streams the answer to a request, which ends with its call unless the stream ended before it (POST-1, POST-5).
func (s *Service) post(call *httpcall.Call, caller identity.Caller, request *jsonrpc.Message) (*OpenStream, error) {
	session, err := s.sessionFor(call, caller, request)
	if err != nil {
		return nil, err
	}
	answer := session.Streams.Open()
	reader := s.newReader()
	answer.Attach(reader, stream.FromNow)
	cancel := session.Conn.Begin(&mcpserver.Exchange{
		Request: request, Scope: scopeOf(session.ID, caller, call), Path: streamed{answer},
	})
	return eventStream(reader, func(regular bool) {
		answer.Detach(reader)
		if !regular {
			cancel()
		}
	}), nil
}

func (s *Service) handshakeStream(
	ctx context.Context, call *httpcall.Call, caller identity.Caller, request *jsonrpc.Message,
) (*OpenStream, error) {
	opened, response, err := s.handshake(ctx, call, caller, request)
	if err != nil {
		return nil, asAnswerTo(request, err)
	}
	reader := s.newReader()
	open := eventStream(reader, func(bool) {})
	streams := stream.NewSet(stream.Limits{})
	if opened != nil {
		streams = opened.Streams
		open.Headers["mcp-session-id"] = opened.ID
	}
	reader.WriteLast(streams.Record(response))
	return open, nil
}

// get opens the live stream of a session (STREAM-1), or goes on with a stream after an event of it (RESUME-2).
func (s *Service) get(ctx context.Context, call *httpcall.Call) (*OpenStream, error) {
	caller, err := s.admit(call)
	if err != nil {
		return nil, err
	}
	session, err := s.sessionOf(call, caller)
	if err != nil {
		return nil, err
	}
	wanted, after := session.Streams.Live(), stream.FromNow
	if lastEventID, resumes := call.Headers["last-event-id"]; resumes {
		found, sequence, ok := session.Streams.Find(lastEventID)
		if !ok {
			return nil, failure.Refuse(failure.InvalidArgument, "unknown_event_id",
				"last-event-id: was not given in this session, or is too old")
		}
		wanted, after = found, sequence
	}
	wanted.Released(ctx, s.options.Limits.Takeover)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	reader := s.newReader()
	if !wanted.Attach(reader, after) {
		return nil, failure.Refuse(failure.Conflict, "stream_is_open",
			"The stream is open already: one call reads it at a time")
	}
	return eventStream(reader, func(bool) { wanted.Detach(reader) }), nil
}
