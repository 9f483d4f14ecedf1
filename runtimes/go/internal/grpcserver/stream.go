package grpcserver

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"google.golang.org/grpc"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/service"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

// InvokeStream handles a GET, or a POST whose response is a stream.
func (h *Handlers) InvokeStream(
	request *runtimev1.McpRequest, chunks grpc.ServerStreamingServer[runtimev1.McpChunk],
) error {
	if h.Calls.Stopping() {
		return errStopping
	}
	call, err := httpcall.Read(request, "GET", "POST")
	if err != nil {
		return h.statusOf(err)
	}
	ctx := chunks.Context()
	open, err := h.Service.InvokeStream(ctx, call)
	if refusal, ok := errors.AsType[*failure.Refusal](err); ok {
		h.Logger.Debug("stream refused", "code", refusal.Reason, "status", refusal.HTTPStatus())
		return h.refuse(call, refusal, chunks.Send)
	}
	if err != nil {
		return h.statusOf(err)
	}
	if open.Reader == nil {
		return chunks.Send(&runtimev1.McpChunk{Status: int32(open.Status), Headers: open.Headers, Done: true})
	}
	completed := false
	defer func() { open.Release(completed) }()
	if err := h.pump(ctx, open, chunks.Send); err != nil {
		return h.statusOf(err)
	}
	completed = true
	return nil
}

// refuse sends a refusal: for a POST with its body (POST-6), otherwise as one chunk with error_status (STREAM-2).
func (h *Handlers) refuse(
	call *httpcall.Call, refusal *failure.Refusal, send func(*runtimev1.McpChunk) error,
) error {
	answer := httpcall.Refused(refusal)
	code := int32(answer.Status)
	if call.Method != "POST" {
		return send(&runtimev1.McpChunk{Status: code, ErrorStatus: code, Done: true})
	}
	if err := send(&runtimev1.McpChunk{Status: code, Headers: answer.Headers}); err != nil {
		return err
	}
	for data := range slices.Chunk(answer.Body, h.Limits.ChunkBytes) {
		if err := send(&runtimev1.McpChunk{Data: data}); err != nil {
			return err
		}
	}
	return send(&runtimev1.McpChunk{Done: true})
}

// pump sends a stream: the head (HEAD-1), the events in chunks, and done (STREAM-3, STREAM-4). send blocks on HTTP/2
// flow control, and producers block until pump has sent their events (STREAM-11).
func (h *Handlers) pump(
	ctx context.Context, open *service.OpenStream, send func(*runtimev1.McpChunk) error,
) error {
	if send(&runtimev1.McpChunk{Status: int32(open.Status), Headers: open.Headers}) != nil {
		return sendFailure(ctx)
	}
	keepAlive := time.NewTicker(h.Limits.KeepAlive)
	defer keepAlive.Stop()
	for {
		text := stream.KeepAlive
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-keepAlive.C:
		case <-open.Reader.Ready():
			var err error
			text, err = open.Reader.Take()
			if errors.Is(err, io.EOF) {
				if send(&runtimev1.McpChunk{Done: true}) != nil {
					return sendFailure(ctx)
				}
				return nil
			}
			if err != nil {
				return err
			}
			keepAlive.Reset(h.Limits.KeepAlive)
		}
		for chunk := range slices.Chunk(text, h.Limits.ChunkBytes) {
			if send(&runtimev1.McpChunk{Data: chunk}) != nil {
				return sendFailure(ctx)
			}
		}
		open.Reader.Sent()
	}
}

// sendFailure returns the reason that a call ended before a chunk was sent. The error from Send may be misleading.
func sendFailure(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return context.Canceled
}
