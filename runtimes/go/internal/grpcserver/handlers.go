package grpcserver

import (
	"context"
	"errors"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/serving"
)

// Handlers implement the RPCs.
type Handlers struct {
	runtimev1.UnimplementedMcpRuntimeServer
	Calls *serving.Calls
	// ChunkBytes limits the data of a chunk.
	ChunkBytes int
}

// Invoke handles a POST request.
func (h *Handlers) Invoke(ctx context.Context, request *runtimev1.McpRequest) (*runtimev1.McpResponse, error) {
	return response(h.Calls.Invoke(ctx, request))
}

// CloseSession handles a DELETE request.
func (h *Handlers) CloseSession(ctx context.Context, request *runtimev1.McpRequest) (*runtimev1.McpResponse, error) {
	return response(h.Calls.CloseSession(ctx, request))
}

// InvokeStream handles a GET, or a POST whose response is a stream.
func (h *Handlers) InvokeStream(
	request *runtimev1.McpRequest, call grpc.ServerStreamingServer[runtimev1.McpChunk],
) error {
	return statusOf(h.Calls.InvokeStream(call.Context(), request, &chunkWriter{call.Send, h.ChunkBytes}))
}

// HealthCheck reports the state of the runtime.
func (h *Handlers) HealthCheck(context.Context, *runtimev1.HealthRequest) (*runtimev1.HealthResponse, error) {
	return h.Calls.Health(), nil
}

func response(answer *httpcall.Answer, err error) (*runtimev1.McpResponse, error) {
	if err != nil {
		return nil, statusOf(err)
	}
	return &runtimev1.McpResponse{Status: int32(answer.Status), Headers: answer.Headers, Body: answer.Body}, nil
}

// statusOf maps an error from Calls to a gRPC status. It returns nil for nil.
func statusOf(err error) error {
	if err == nil {
		return nil
	}
	if call, ok := errors.AsType[*failure.Call](err); ok {
		return call.GRPCStatus().Err()
	}
	return status.Error(status.FromContextError(err).Code(), "The call ended early")
}
