package serving

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/service"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

// StreamWriter sends the answer to an InvokeStream over a transport: either Complete, or Begin, any number of Data, and
// End. If the stream breaks, InvokeStream fails instead of calling End. The methods block while the client does not
// read (STREAM-11), and fail if it is gone.
type StreamWriter interface {
	// Complete sends an answer that is not a stream of events: a refusal, or a status without a body.
	Complete(call *httpcall.Call, answer *httpcall.Answer) error
	// Begin sends the head of a stream. It does not wait for the first event (HEAD-3).
	Begin(status int, headers map[string]string) error
	// Data sends a part of the text of a stream.
	Data(text []byte) error
	// End ends a stream normally.
	End() error
}

// InvokeStream handles a GET, or a POST whose response is a stream. It returns after the last write.
func (c *Calls) InvokeStream(ctx context.Context, request *runtimev1.McpRequest, writer StreamWriter) error {
	if c.inFlight.stopping() {
		return errStopping
	}
	call, err := httpcall.Read(request, "GET", "POST")
	if err != nil {
		return c.failure(err)
	}
	open, err := c.options.Service.InvokeStream(ctx, call)
	if refusal, ok := errors.AsType[*failure.Refusal](err); ok {
		c.options.Logger.Debug("stream refused", "code", refusal.Reason, "status", refusal.HTTPStatus())
		return sendFailure(ctx, writer.Complete(call, httpcall.Refused(refusal)))
	}
	if err != nil {
		return c.failure(err)
	}
	if open.Reader == nil {
		return sendFailure(ctx, writer.Complete(call, &httpcall.Answer{Status: open.Status, Headers: open.Headers}))
	}
	completed := false
	defer func() { open.Release(completed) }()
	if err := c.pump(ctx, open, writer); err != nil {
		return err
	}
	completed = true
	return nil
}

// pump sends a stream: the head, the events, and the end. Producers block until pump has sent their events (STREAM-11).
func (c *Calls) pump(ctx context.Context, open *service.OpenStream, writer StreamWriter) error {
	if err := writer.Begin(open.Status, open.Headers); err != nil {
		return sendFailure(ctx, err)
	}
	interval := c.options.Limits.KeepAlive
	keepAlive := time.NewTicker(interval)
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
				return sendFailure(ctx, writer.End())
			}
			if err != nil {
				return c.failure(err)
			}
			keepAlive.Reset(interval)
		}
		if err := writer.Data(text); err != nil {
			return sendFailure(ctx, err)
		}
		open.Reader.Sent()
	}
}

// sendFailure returns the reason that a call ended before everything was sent, or nil if err is nil. The error from the
// transport may be misleading.
func sendFailure(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ended := ctx.Err(); ended != nil {
		return ended
	}
	return context.Canceled
}
