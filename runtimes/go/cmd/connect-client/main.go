// Command connect-client calls every RPC of a runtime with the gRPC protocol and the defaults of connect-go. Usage:
// connect-client SOCKET
//
// `npm run prove -- grpc-clients` runs it.
package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"

	"connectrpc.com/connect"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/clientsteps"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

type client struct {
	health *connect.Client[runtimev1.HealthRequest, runtimev1.HealthResponse]
	invoke *connect.Client[runtimev1.McpRequest, runtimev1.McpResponse]
	stream *connect.Client[runtimev1.McpRequest, runtimev1.McpChunk]
	close  *connect.Client[runtimev1.McpRequest, runtimev1.McpResponse]
}

func main() {
	clientsteps.Main("connect-go", func(socket string) (clientsteps.Client, error) {
		transport := &http.Transport{
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "unix", socket)
			},
			Protocols: new(http.Protocols),
		}
		transport.Protocols.SetUnencryptedHTTP2(true)
		calls := &http.Client{Transport: transport}
		return client{
			health: rpc[runtimev1.HealthRequest, runtimev1.HealthResponse](calls, runtimev1.McpRuntime_HealthCheck_FullMethodName),
			invoke: rpc[runtimev1.McpRequest, runtimev1.McpResponse](calls, runtimev1.McpRuntime_Invoke_FullMethodName),
			stream: rpc[runtimev1.McpRequest, runtimev1.McpChunk](calls, runtimev1.McpRuntime_InvokeStream_FullMethodName),
			close:  rpc[runtimev1.McpRequest, runtimev1.McpResponse](calls, runtimev1.McpRuntime_CloseSession_FullMethodName),
		}, nil
	})
}

func rpc[Request, Answer any](calls connect.HTTPClient, method string) *connect.Client[Request, Answer] {
	return connect.NewClient[Request, Answer](calls, "http://localhost"+method, connect.WithGRPC())
}

func (c client) HealthCheck(ctx context.Context, request *runtimev1.HealthRequest) (*runtimev1.HealthResponse, error) {
	return message(c.health.CallUnary(ctx, connect.NewRequest(request)))
}

func (c client) Invoke(
	ctx context.Context, request *runtimev1.McpRequest, metadata clientsteps.Metadata,
) (*runtimev1.McpResponse, error) {
	call := connect.NewRequest(request)
	for name, value := range metadata {
		if strings.HasSuffix(name, "-bin") {
			value = connect.EncodeBinaryHeader([]byte(value))
		}
		call.Header().Set(name, value)
	}
	return message(c.invoke.CallUnary(ctx, call))
}

func (c client) FirstChunk(ctx context.Context, request *runtimev1.McpRequest) (*runtimev1.McpChunk, error) {
	live, err := c.stream.CallServerStream(ctx, connect.NewRequest(request))
	if err != nil {
		return nil, err
	}
	if !live.Receive() {
		return nil, errors.Join(io.ErrUnexpectedEOF, live.Err())
	}
	return live.Msg(), nil
}

func (c client) CloseSession(ctx context.Context, request *runtimev1.McpRequest) (*runtimev1.McpResponse, error) {
	return message(c.close.CallUnary(ctx, connect.NewRequest(request)))
}

func (c client) CodeOf(err error) clientsteps.Code { return clientsteps.Code(connect.CodeOf(err)) }

func message[Answer any](response *connect.Response[Answer], err error) (*Answer, error) {
	if err != nil {
		return nil, err
	}
	return response.Msg, nil
}
