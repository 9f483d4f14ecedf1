// Package serving carries out the calls of all transports, so that a call has the same meaning over each of them.
package serving

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/service"
)

// Options configure Calls.
type Options struct {
	Service *service.Service
	Limits  service.Limits
	// Health reports Mode, Version and Capabilities (HEALTH-1 to -6).
	Mode         string
	Version      string
	Capabilities []string
	Logger       *slog.Logger
}

// Calls carries out calls. Its methods fail with a *failure.Call whose message is safe to send, or with the error from
// their context.
type Calls struct {
	options  Options
	inFlight inFlight
}

// New returns Calls that accepts calls until Stop.
func New(options Options) *Calls { return &Calls{options: options} }

// Invoke handles a POST request. Its answer may be a refusal.
func (c *Calls) Invoke(ctx context.Context, request *runtimev1.McpRequest) (*httpcall.Answer, error) {
	return c.unary(ctx, request, "POST", c.options.Service.Invoke)
}

// CloseSession handles a DELETE request. Its answer may be a refusal.
func (c *Calls) CloseSession(ctx context.Context, request *runtimev1.McpRequest) (*httpcall.Answer, error) {
	return c.unary(ctx, request, "DELETE", c.options.Service.CloseSession)
}

// Health returns the state of the runtime.
func (c *Calls) Health() *runtimev1.HealthResponse {
	state := "ok"
	if c.inFlight.stopping() {
		state = "stopping"
	}
	return &runtimev1.HealthResponse{
		Status: state, Mode: c.options.Mode, Version: c.options.Version, Capabilities: c.options.Capabilities,
	}
}

// Stop makes the runtime refuse further calls.
func (c *Calls) Stop() { c.inFlight.stop() }

// Wait blocks until no unary call is in flight, or the limit has passed. The caller must call Stop first.
func (c *Calls) Wait(limit time.Duration) { c.inFlight.wait(limit) }

func (c *Calls) unary(
	ctx context.Context, request *runtimev1.McpRequest, method string,
	handle func(context.Context, *httpcall.Call) (*httpcall.Answer, error),
) (*httpcall.Answer, error) {
	if !c.inFlight.begin() {
		return nil, errStopping
	}
	defer c.inFlight.end()
	call, err := httpcall.Read(request, method)
	if err != nil {
		return nil, c.failure(err)
	}
	answer, err := handle(ctx, call)
	if refusal, ok := errors.AsType[*failure.Refusal](err); ok {
		c.options.Logger.Debug("request refused", "code", refusal.Reason, "status", refusal.HTTPStatus())
		return httpcall.Refused(refusal), nil
	}
	if err != nil {
		return nil, c.failure(err)
	}
	return answer, nil
}

var errStopping = &failure.Call{Category: failure.Unavailable, Message: "The runtime is stopping"}

// failure hides the details of unexpected errors (ERROR-3).
func (c *Calls) failure(err error) error {
	if call, ok := errors.AsType[*failure.Call](err); ok {
		return call
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	c.options.Logger.Error("a call failed unexpectedly", "error", err)
	return &failure.Call{Category: failure.Internal, Message: "Internal error"}
}
