package process

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

const healthTimeout = 3 * time.Second

// ProbeHealth checks the health of a runtime on each of its sockets. It fails with a one-line error unless the status of
// the runtime is "ok".
func ProbeHealth(ctx context.Context, paths SocketPaths) error {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	for _, probe := range []struct {
		path   string
		status func(context.Context, string) (string, error)
	}{{paths.GRPC, grpcStatus}, {paths.HTTP, httpStatus}} {
		if probe.path == "" {
			continue
		}
		health, err := probe.status(ctx, probe.path)
		if err != nil {
			return err
		}
		if health != "ok" {
			return fmt.Errorf("the runtime is not healthy: its status is %s", health)
		}
	}
	return nil
}

func grpcStatus(ctx context.Context, path string) (string, error) {
	connection, err := grpc.NewClient("unix:"+path, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return "", fmt.Errorf("invalid socket path: %s", path)
	}
	defer connection.Close()
	health, err := runtimev1.NewMcpRuntimeClient(connection).HealthCheck(ctx, &runtimev1.HealthRequest{})
	if err != nil {
		return "", fmt.Errorf("HealthCheck failed with gRPC status %s", status.Code(err))
	}
	return health.GetStatus(), nil
}

func httpStatus(ctx context.Context, path string) (string, error) {
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		},
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://runtime/health", nil)
	if err != nil {
		return "", err
	}
	response, err := client.Do(request)
	if err != nil {
		return "", fmt.Errorf("GET /health failed on %s", path)
	}
	defer response.Body.Close()
	var health struct{ Status string }
	if response.StatusCode != http.StatusOK || json.NewDecoder(response.Body).Decode(&health) != nil {
		return "", fmt.Errorf("GET /health failed with status %d", response.StatusCode)
	}
	return health.Status, nil
}
