package process

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

const healthTimeout = 3 * time.Second

// ProbeHealth calls HealthCheck on a socket. It fails with a one-line error unless the status of the runtime is "ok".
func ProbeHealth(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	connection, err := grpc.NewClient("unix:"+path, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return fmt.Errorf("invalid socket path: %s", path)
	}
	defer connection.Close()
	health, err := runtimev1.NewMcpRuntimeClient(connection).HealthCheck(ctx, &runtimev1.HealthRequest{})
	if err != nil {
		return fmt.Errorf("HealthCheck failed with gRPC status %s", status.Code(err))
	}
	if health.GetStatus() != "ok" {
		return fmt.Errorf("the runtime is not healthy: its status is %s", health.GetStatus())
	}
	return nil
}
