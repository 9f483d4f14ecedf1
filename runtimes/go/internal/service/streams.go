package service

import (
	"context"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/identity"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

// OpenStream is the answer to an InvokeStream: a status without events, or a stream.
type OpenStream struct {
	Status  int
	Headers map[string]string
	// Reader reads the events of the stream. It is nil for a status without events (POST-3).
	Reader *stream.Reader
	// Release must be called once, at the end of the call. completed reports whether the stream ended with done.
	Release func(completed bool)
}

// InvokeStream handles a GET, or a POST whose response is a stream.
func (s *Service) InvokeStream(ctx context.Context, call *httpcall.Call) (*OpenStream, error) {
	if call.Method == "GET" {
		return s.get(ctx, call)
	}
	posted, err := s.readPost(ctx, call)
	switch {
	case err != nil:
		return nil, asModern(call, err)
	case posted.isModern:
		return s.streamModern(ctx, posted)
	case posted.message.Kind != jsonrpc.Request:
		if err := s.deliver(ctx, posted); err != nil {
			return nil, err
		}
		return &OpenStream{Status: 202}, nil
	case posted.isHandshake():
		return s.handshakeStream(ctx, posted)
	}
	return s.post(ctx, posted)
}

func (s *Service) newReader() *stream.Reader {
	return stream.NewReader(s.options.Limits.StreamHighWaterBytes)
}

func eventStream(reader *stream.Reader, release func(completed bool)) *OpenStream {
	return &OpenStream{
		Status:  200,
		Headers: map[string]string{"content-type": "text/event-stream"},
		Reader:  reader,
		Release: func(completed bool) {
			reader.Close()
			release(completed)
		},
	}
}

// post streams the answer to a request. The end of the call cancels the request, unless its stream has completed
// (POST-1, POST-5).
func (s *Service) post(ctx context.Context, posted *postCall) (*OpenStream, error) {
	found, err := s.sessionFor(posted)
	if err != nil {
		return nil, err
	}
	answer := found.Streams.Open()
	reader := s.newReader()
	answer.Attach(reader, stream.FromNow)
	cancel := found.Conn.Begin(ctx, posted.exchange(found.ID, streamed{answer}))
	return eventStream(reader, func(completed bool) {
		answer.Detach(reader)
		if !completed {
			cancel()
		}
	}), nil
}

func (s *Service) handshakeStream(ctx context.Context, posted *postCall) (*OpenStream, error) {
	opened, response, err := s.handshake(ctx, posted)
	if err != nil {
		return nil, err
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

// get opens the live stream of a session (STREAM-1), or resumes a stream after one of its events (RESUME-2).
func (s *Service) get(ctx context.Context, call *httpcall.Call) (*OpenStream, error) {
	found, err := s.admit(call)
	if err != nil {
		return nil, err
	}
	wanted, after := found.Streams.Live(), stream.FromNow
	if lastEventID, resumes := call.Headers["last-event-id"]; resumes {
		var known bool
		if wanted, after, known = found.Streams.Find(lastEventID); !known {
			return nil, failure.Refuse(failure.InvalidArgument, "unknown_event_id",
				"last-event-id: is not an id of this session, or is too old")
		}
	}
	wanted.AwaitRelease(ctx, s.options.Limits.Takeover)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	reader := s.newReader()
	if !wanted.Attach(reader, after) {
		return nil, failure.Refuse(failure.Conflict, "stream_is_open",
			"Another call already reads the stream")
	}
	ends := endAtExpiry(call, func() { wanted.Complete(reader) })
	return eventStream(reader, func(bool) {
		ends()
		wanted.Detach(reader)
	}), nil
}

// endAtExpiry calls end when the credentials of a call expire (STREAM-12), unless the returned function is called
// first.
func endAtExpiry(call *httpcall.Call, end func()) (cancel func()) {
	if call.Auth == nil || call.Auth.ExpiresAtEpochMS == 0 {
		return func() {}
	}
	timer := time.AfterFunc(identity.UntilExpiry(call.Auth.ExpiresAtEpochMS), end)
	return func() { timer.Stop() }
}
