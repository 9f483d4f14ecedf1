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

// InvokeStream is one GET, or a POST whose answer is a stream.
func (h *Handlers) InvokeStream(
	request *runtimev1.McpRequest, call grpc.ServerStreamingServer[runtimev1.McpChunk],
) (err error) {
	if h.Calls.Stopping() {
		return errStopping
	}
	defer h.recovered(&err)
	posted, err := httpcall.Read(request, "GET", "POST")
	if err != nil {
		return h.statusOf(err)
	}
	ctx := call.Context()
	open, err := h.Service.InvokeStream(ctx, posted)
	if refusal, ok := errors.AsType[*failure.Refusal](err); ok {
		h.Logger.Debug("stream refused", "code", refusal.Reason, "status", refusal.HTTPStatus())
		code := int32(refusal.HTTPStatus())
		return call.Send(&runtimev1.McpChunk{Status: code, ErrorStatus: code, Done: true})
	}
	if err != nil {
		return h.statusOf(err)
	}
	if open.Reader == nil {
		return call.Send(&runtimev1.McpChunk{Status: int32(open.Status), Headers: open.Headers, Done: true})
	}
	regular := false
	defer func() { open.Release(regular) }()
	if err := h.pump(ctx, open, call.Send); err != nil {
		return h.statusOf(err)
	}
	regular = true
	return nil
}

// pump sends a stream until it ends: a head (HEAD-1), its text in chunks, and done (STREAM-3, STREAM-4). Send waits for
// the flow control of HTTP/2, and the producers of the stream wait for pump (STREAM-11).
func (h *Handlers) pump(
	ctx context.Context, open *service.OpenStream, send func(*runtimev1.McpChunk) error,
) error {
	if err := send(&runtimev1.McpChunk{Status: int32(open.Status), Headers: open.Headers}); err != nil {
		return ended(ctx, err)
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
				return ended(ctx, send(&runtimev1.McpChunk{Done: true}))
			}
			if err != nil {
				return err
			}
			keepAlive.Reset(h.Limits.KeepAlive)
		}
		for chunk := range slices.Chunk(text, h.Limits.ChunkBytes) {
			if err := send(&runtimev1.McpChunk{Data: chunk}); err != nil {
				return ended(ctx, err)
			}
		}
		open.Reader.Sent()
	}
}

// ended is why nothing can be sent any more: the call has ended, whatever the library says of it.
func ended(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if cause := ctx.Err(); cause != nil {
		return cause
	}
	return context.Canceled
}
