// Package grpcserver serves the four RPCs of the contract with the gRPC library.
package grpcserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/gzip" // Requests may come compressed; the limit counts what they inflate to (LIMIT-4).
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/service"
)

// New makes a gRPC server that serves the runtime's methods (RPC-1) and no other (RPC-2).
func New(runtime runtimev1.McpRuntimeServer, limits service.Limits) *grpc.Server {
	server := grpc.NewServer(
		grpc.MaxRecvMsgSize(limits.MaxBodyBytes+limits.MaxEnvelopeBytes),
		grpc.MaxSendMsgSize(math.MaxInt32),
		// A gateway may ask more often than the library expects, once in five minutes, whether the connection lives.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 100 * time.Millisecond, PermitWithoutStream: true}),
		grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error {
			return status.Error(codes.Unimplemented, "The method is not served")
		}),
		grpc.ForceServerCodecV2(codec{encoding.GetCodecV2(proto.Name)}),
	)
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: runtimev1.McpRuntime_ServiceDesc.ServiceName,
		HandlerType: runtimev1.McpRuntime_ServiceDesc.HandlerType,
		Metadata:    runtimev1.McpRuntime_ServiceDesc.Metadata,
		Methods: []grpc.MethodDesc{
			{MethodName: "Invoke", Handler: unary(runtime.Invoke)},
			{MethodName: "CloseSession", Handler: unary(runtime.CloseSession)},
			{MethodName: "HealthCheck", Handler: unary(runtime.HealthCheck)},
		},
		Streams: []grpc.StreamDesc{
			{StreamName: "InvokeStream", Handler: serverStreaming(runtime.InvokeStream), ServerStreams: true},
		},
	}, runtime)
	return server
}

// unary and serverStreaming do what the generated handlers do, but for what is said of a request that cannot be decoded.
func unary[Request, Response any](work func(context.Context, *Request) (*Response, error)) grpc.MethodHandler {
	return func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		request := new(Request)
		if err := receive(ctx, decode, request); err != nil {
			return nil, err
		}
		return work(ctx, request)
	}
}

func serverStreaming[Request, Response any](
	work func(*Request, grpc.ServerStreamingServer[Response]) error,
) grpc.StreamHandler {
	return func(_ any, call grpc.ServerStream) error {
		request := new(Request)
		if err := receive(call.Context(), call.RecvMsg, request); err != nil {
			return err
		}
		return work(request, &grpc.GenericServerStream[Request, Response]{ServerStream: call})
	}
}

// receive is what every call goes through first.
func receive(ctx context.Context, decode func(any) error, request any) error {
	if err := enter(ctx); err != nil {
		return err
	}
	decoded := &decodable{message: request}
	if err := decode(decoded); err != nil {
		return err
	}
	if decoded.err != nil {
		return status.Error(codes.InvalidArgument, "The request message is not valid protobuf")
	}
	return nil
}

// decodable is a request message on its way through the library, which would end a call whose message cannot be decoded
// with INTERNAL and with what the decoder says (ERROR-3, ERROR-4).
type decodable struct {
	message any
	err     error
}

type codec struct{ encoding.CodecV2 }

func (c codec) Unmarshal(data mem.BufferSlice, message any) error {
	if decoded, ok := message.(*decodable); ok {
		decoded.err = c.CodecV2.Unmarshal(data, decoded.message)
		return nil
	}
	return c.CodecV2.Unmarshal(data, message)
}

// enter is what a call has to be. Answers are not compressed: the library would answer in the compression of
// the request, whether the caller offered to read it or not.
func enter(ctx context.Context) error {
	if err := grpc.SetSendCompressor(ctx, "identity"); err != nil {
		return failure.Unforeseen()
	}
	return checkMediaType(ctx)
}

// checkMediaType refuses codecs other than that of protobuf: the library would take them for it (RPC-16).
func checkMediaType(ctx context.Context) error {
	for _, value := range metadata.ValueFromIncomingContext(ctx, "content-type") {
		mediaType, _, _ := strings.Cut(strings.ToLower(value), ";")
		if mediaType = strings.TrimSpace(mediaType); mediaType != "application/grpc" && mediaType != "application/grpc+proto" {
			return status.Error(codes.InvalidArgument, "content-type: must be application/grpc or application/grpc+proto")
		}
	}
	return nil
}

// Health is the state that HealthCheck tells of (HEALTH-1 to -6).
type Health struct {
	Mode         string
	Version      string
	Capabilities []string
}

// Handlers are the implementations of the four RPCs.
type Handlers struct {
	runtimev1.UnimplementedMcpRuntimeServer
	Service *service.Service
	Limits  service.Limits
	Health  Health
	// Calls are the calls under way; once stopped, it takes no more of them.
	Calls  *Calls
	Logger *slog.Logger
}

// Invoke is one POST.
func (h *Handlers) Invoke(ctx context.Context, request *runtimev1.McpRequest) (*runtimev1.McpResponse, error) {
	return h.unary(ctx, request, "POST", h.Service.Invoke)
}

// CloseSession is one DELETE.
func (h *Handlers) CloseSession(ctx context.Context, request *runtimev1.McpRequest) (*runtimev1.McpResponse, error) {
	return h.unary(ctx, request, "DELETE", func(_ context.Context, call *httpcall.Call) (*httpcall.Answer, error) {
		return h.Service.CloseSession(call)
	})
}

// HealthCheck says whether calls are served.
func (h *Handlers) HealthCheck(context.Context, *runtimev1.HealthRequest) (*runtimev1.HealthResponse, error) {
	state := "ok"
	if h.Calls.Stopping() {
		state = "stopping"
	}
	return &runtimev1.HealthResponse{
		Status: state, Mode: h.Health.Mode, Version: h.Health.Version, Capabilities: h.Health.Capabilities,
	}, nil
}

func (h *Handlers) unary(
	ctx context.Context, request *runtimev1.McpRequest, method string,
	work func(context.Context, *httpcall.Call) (*httpcall.Answer, error),
) (response *runtimev1.McpResponse, err error) {
	if !h.Calls.Begin() {
		return nil, errStopping
	}
	defer h.Calls.End()
	defer h.recovered(&err)
	call, err := httpcall.Read(request, method)
	if err != nil {
		return nil, h.statusOf(err)
	}
	answer, err := work(ctx, call)
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

// statusOf is the gRPC status for an error: what was not foreseen says nothing of the inside (ERROR-3).
func (h *Handlers) statusOf(err error) error {
	if call, ok := errors.AsType[*failure.Call](err); ok {
		return call.GRPCStatus().Err()
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return status.Error(status.FromContextError(err).Code(), "The call ended early")
	}
	h.Logger.Error("a call failed unexpectedly", "error", err)
	return failure.Unforeseen()
}

// recovered lets a panic end its call alone.
func (h *Handlers) recovered(err *error) {
	if failed := recover(); failed != nil {
		h.Logger.Error("a call panicked", "panic", fmt.Sprint(failed))
		*err = failure.Unforeseen()
	}
}
