// Command grpc-client calls every RPC of a runtime with the defaults of grpc-go. Usage: grpc-client SOCKET
//
// `npm run prove -- grpc-clients` runs it.
package main

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/clientsteps"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

type client struct{ runtime runtimev1.McpRuntimeClient }

func main() {
	clientsteps.Main("grpc-go", func(socket string) (clientsteps.Client, error) {
		connection, err := grpc.NewClient("unix:"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
		return client{runtimev1.NewMcpRuntimeClient(connection)}, err
	})
}

func (c client) HealthCheck(ctx context.Context, request *runtimev1.HealthRequest) (*runtimev1.HealthResponse, error) {
	return c.runtime.HealthCheck(ctx, request)
}

func (c client) Invoke(
	ctx context.Context, request *runtimev1.McpRequest, values clientsteps.Metadata,
) (*runtimev1.McpResponse, error) {
	return c.runtime.Invoke(metadata.NewOutgoingContext(ctx, metadata.New(values)), request)
}

func (c client) FirstChunk(ctx context.Context, request *runtimev1.McpRequest) (*runtimev1.McpChunk, error) {
	live, err := c.runtime.InvokeStream(ctx, request)
	if err != nil {
		return nil, err
	}
	return live.Recv()
}

func (c client) CloseSession(ctx context.Context, request *runtimev1.McpRequest) (*runtimev1.McpResponse, error) {
	return c.runtime.CloseSession(ctx, request)
}

func (c client) CodeOf(err error) clientsteps.Code { return clientsteps.Code(status.Code(err)) }
