package grpcserver

import (
	"context"
	"errors"
	"log/slog"

	"google.golang.org/grpc/status"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/service"
)

// Handlers implement the RPCs.
type Handlers struct {
	runtimev1.UnimplementedMcpRuntimeServer
	Service *service.Service
	Limits  service.Limits
	// HealthCheck reports Mode, Version and Capabilities (HEALTH-1 to -6).
	Mode         string
	Version      string
	Capabilities []string
	// Calls tracks the calls in flight and refuses new ones during a shutdown.
	Calls  *Calls
	Logger *slog.Logger
}

// Invoke handles a POST request.
func (h *Handlers) Invoke(ctx context.Context, request *runtimev1.McpRequest) (*runtimev1.McpResponse, error) {
	return h.unary(ctx, request, "POST", h.Service.Invoke)
}

// CloseSession handles a DELETE request.
func (h *Handlers) CloseSession(ctx context.Context, request *runtimev1.McpRequest) (*runtimev1.McpResponse, error) {
	return h.unary(ctx, request, "DELETE", h.Service.CloseSession)
}

// HealthCheck reports the state of the runtime.
func (h *Handlers) HealthCheck(context.Context, *runtimev1.HealthRequest) (*runtimev1.HealthResponse, error) {
	state := "ok"
	if h.Calls.Stopping() {
		state = "stopping"
	}
	return &runtimev1.HealthResponse{
		Status: state, Mode: h.Mode, Version: h.Version, Capabilities: h.Capabilities,
	}, nil
}

func (h *Handlers) unary(
	ctx context.Context, request *runtimev1.McpRequest, method string,
	handle func(context.Context, *httpcall.Call) (*httpcall.Answer, error),
) (*runtimev1.McpResponse, error) {
	if !h.Calls.Begin() {
		return nil, errStopping
	}
	defer h.Calls.End()
	call, err := httpcall.Read(request, method)
	if err != nil {
		return nil, h.statusOf(err)
	}
	answer, err := handle(ctx, call)
	if refusal, ok := errors.AsType[*failure.Refusal](err); ok {
		h.Logger.Debug("request refused", "code", refusal.Reason, "status", refusal.HTTPStatus())
		answer, err = httpcall.Refused(refusal), nil
	}
	if err != nil {
		return nil, h.statusOf(err)
	}
	return &runtimev1.McpResponse{Status: int32(answer.Status), Headers: answer.Headers, Body: answer.Body}, nil
}

var errStopping = (&failure.Call{Category: failure.Unavailable, Message: "The runtime is stopping"}).GRPCStatus().Err()

// statusOf maps an error to a gRPC status. It hides the details of unexpected errors (ERROR-3).
func (h *Handlers) statusOf(err error) error {
	if call, ok := errors.AsType[*failure.Call](err); ok {
		return call.GRPCStatus().Err()
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return status.Error(status.FromContextError(err).Code(), "The call ended early")
	}
	h.Logger.Error("a call failed unexpectedly", "error", err)
	return failure.Unexpected()
}
