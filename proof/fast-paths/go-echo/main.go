// Command go-echo serves the contract with grpc-go and nothing else. It is the floor of the Go runtime.
//
// It answers each Invoke with a prepared JSON-RPC response, into which it copies the id of the request.
package main

import (
	"bytes"
	"context"
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"

	"google.golang.org/grpc"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

const (
	idDigits   = 10
	idMark     = `"id":`
	textMark   = `"text":"`
	initialize = `{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"go-echo","version":"1"}}`
)

type server struct {
	runtimev1.UnimplementedMcpRuntimeServer
}

func (server) HealthCheck(context.Context, *runtimev1.HealthRequest) (*runtimev1.HealthResponse, error) {
	return &runtimev1.HealthResponse{Status: "ok", Mode: "full", Version: "1"}, nil
}

func (server) Invoke(_ context.Context, request *runtimev1.McpRequest) (*runtimev1.McpResponse, error) {
	body := request.GetBody()
	id := after(body, idMark)
	if id == nil {
		return &runtimev1.McpResponse{Status: 202}, nil
	}
	if request.GetSessionId() == "" {
		return respond(id[:idDigits], []byte(initialize), map[string]string{
			"content-type": "application/json", "mcp-session-id": "echo",
		}), nil
	}
	text := after(body, textMark)
	text = text[:bytes.IndexByte(text, '"')]
	result := make([]byte, 0, len(text)+64)
	result = append(result, `{"content":[{"type":"text","text":"`...)
	result = append(result, text...)
	result = append(result, `"}]}`...)
	return respond(id[:idDigits], result, map[string]string{"content-type": "application/json"}), nil
}

func (server) CloseSession(context.Context, *runtimev1.McpRequest) (*runtimev1.McpResponse, error) {
	return &runtimev1.McpResponse{Status: 204}, nil
}

func respond(id, result []byte, headers map[string]string) *runtimev1.McpResponse {
	body := make([]byte, 0, len(result)+64)
	body = append(body, `{"jsonrpc":"2.0","id":`...)
	body = append(body, id...)
	body = append(body, `,"result":`...)
	body = append(body, result...)
	body = append(body, '}')
	return &runtimev1.McpResponse{Status: 200, Headers: headers, Body: body}
}

// after returns the bytes after a mark, or nil.
func after(text []byte, mark string) []byte {
	at := bytes.Index(text, []byte(mark))
	if at < 0 {
		return nil
	}
	return text[at+len(mark):]
}

func main() {
	listener, err := net.Listen("unix", os.Getenv("MCP_RUNTIME_GRPC_UDS"))
	if err != nil {
		log.Fatal(err)
	}
	serving := grpc.NewServer()
	runtimev1.RegisterMcpRuntimeServer(serving, server{})
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-terminated
		serving.Stop()
	}()
	if err := serving.Serve(listener); err != nil {
		log.Fatal(err)
	}
}
