// Command grpc-client calls every RPC of a runtime with the defaults of grpc-go. Usage: grpc-client SOCKET
//
// It prints a line of JSON for each step: its name, and its problem or null. `npm run prove -- grpc-clients` runs it.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

const (
	claims    = `{"email":"client@example.com","teams":[],"is_authenticated":true}`
	handshake = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},` +
		`"clientInfo":{"name":"grpc-go","version":"1"}}}`
	ping = `{"jsonrpc":"2.0","id":1,"method":"ping"}`
)

type step struct {
	name string
	run  func(context.Context) error
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: grpc-client SOCKET")
		os.Exit(2)
	}
	connection, err := grpc.NewClient("unix:"+os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer connection.Close()
	for _, step := range steps(runtimev1.NewMcpRuntimeClient(connection)) {
		outcome := map[string]any{"step": step.name, "problem": nil}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		if err := step.run(ctx); err != nil {
			outcome["problem"] = err.Error()
		}
		cancel()
		json.NewEncoder(os.Stdout).Encode(outcome)
	}
}

func steps(runtime runtimev1.McpRuntimeClient) []step {
	var session string
	invoke := func(ctx context.Context, body string) (*runtimev1.McpResponse, error) {
		response, err := runtime.Invoke(ctx, request(session, body))
		if err == nil && response.Status != 200 {
			err = fmt.Errorf("got status %d", response.Status)
		}
		return response, err
	}
	return []step{
		{"health", func(ctx context.Context) error {
			health, err := runtime.HealthCheck(ctx, &runtimev1.HealthRequest{})
			if err == nil && health.Status != "ok" {
				err = fmt.Errorf("got status %q", health.Status)
			}
			return err
		}},
		{"initialize", func(ctx context.Context) error {
			response, err := invoke(ctx, handshake)
			session = response.GetHeaders()["mcp-session-id"]
			return err
		}},
		{"ping", func(ctx context.Context) error {
			_, err := invoke(ctx, ping)
			return err
		}},
		{"stream", func(ctx context.Context) error {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			live, err := runtime.InvokeStream(ctx, request(session, ""))
			if err != nil {
				return err
			}
			chunk, err := live.Recv()
			if err == nil && chunk.Status != 200 {
				err = fmt.Errorf("got status %d", chunk.Status)
			}
			return err
		}},
		{"close", func(ctx context.Context) error {
			response, err := runtime.CloseSession(ctx, request(session, ""))
			if err == nil && response.Status/100 != 2 {
				err = fmt.Errorf("got status %d", response.Status)
			}
			return err
		}},
	}
}

func request(session, body string) *runtimev1.McpRequest {
	return &runtimev1.McpRequest{
		Path:        "/mcp",
		Headers:     map[string]string{"content-type": "application/json", "accept": "application/json, text/event-stream"},
		AuthContext: &runtimev1.McpAuthContext{Encoded: base64.RawURLEncoding.EncodeToString([]byte(claims))},
		SessionId:   session,
		Body:        []byte(body),
	}
}
