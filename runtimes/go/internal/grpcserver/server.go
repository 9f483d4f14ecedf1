// Package grpcserver serves the RPCs of the contract with grpc-go.
package grpcserver

import (
	"log/slog"
	"math"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/gzip" // Registers gzip. Size limits apply after decompression (LIMIT-4).
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/service"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/serving"
)

//go:generate sh -c "cd ../.. && ../../node_modules/.bin/buf generate"

// handshakeTimeout limits the HTTP/2 handshake of a connection. Clients start it as soon as they connect.
const handshakeTimeout = 10 * time.Second

// Server is a gRPC server that stops within a time limit.
type Server struct {
	grpc        *grpc.Server
	connections connections
}

// New returns a server for the methods of the contract (RPC-1). It refuses all others (RPC-2).
func New(runtime runtimev1.McpRuntimeServer, limits service.Limits, logger *slog.Logger) *Server {
	calls := interceptors{logger}
	server := grpc.NewServer(
		grpc.MaxRecvMsgSize(limits.MaxBodyBytes+limits.MaxEnvelopeBytes),
		grpc.MaxSendMsgSize(math.MaxInt32),
		grpc.ConnectionTimeout(handshakeTimeout),
		// By default, grpc-go closes connections whose clients send PINGs more often than every five minutes.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 100 * time.Millisecond, PermitWithoutStream: true}),
		grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error {
			return status.Error(codes.Unimplemented, "The method is not served")
		}),
		grpc.ForceServerCodecV2(codec{encoding.GetCodecV2(proto.Name)}),
		grpc.UnaryInterceptor(calls.unary),
		grpc.StreamInterceptor(calls.stream),
	)
	runtimev1.RegisterMcpRuntimeServer(server, runtime)
	return &Server{grpc: server}
}

// Serve accepts connections until the listener fails or the server stops.
func (s *Server) Serve(listener net.Listener) error {
	return s.grpc.Serve(trackingListener{listener, &s.connections})
}

// Stop waits up to the limit for calls to end and responses to be sent, then closes every connection.
func (s *Server) Stop(limit time.Duration) {
	if !serving.Within(limit, s.grpc.GracefulStop) {
		s.connections.close() // grpc.Server.Stop would wait for connections in their handshake.
		s.grpc.Stop()
	}
}
