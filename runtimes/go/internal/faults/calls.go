//go:build faults

package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"unicode"

	"google.golang.org/grpc/status"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

var callFaults = []fault{
	{"any-method", "RPC-5", "The runtime ignores the method field", func() changes {
		return changes{request: func(request *runtimev1.McpRequest) { request.Method = "" }}
	}},
	{"any-path", "RPC-6", "The runtime serves MCP at every path outside /_internal", func() changes {
		return changes{request: func(request *runtimev1.McpRequest) {
			if !strings.HasPrefix(request.Path, "/_internal") {
				request.Path = "/mcp"
			}
		}}
	}},
	{"control-characters-dropped", "RPC-9", "The runtime strips control characters from request fields", func() changes {
		clean := func(text string) string {
			return strings.Map(func(c rune) rune {
				if unicode.IsControl(c) {
					return -1
				}
				return c
			}, text)
		}
		return changes{request: func(request *runtimev1.McpRequest) {
			request.Path, request.Query = clean(request.Path), clean(request.Query)
			request.ServerId, request.SessionId = clean(request.ServerId), clean(request.SessionId)
		}}
	}},
	{"id-as-float", "JSONRPC-2", "The runtime converts a numeric id to a floating-point number", func() changes {
		return changes{answer: func(_ *runtimev1.McpRequest, response *runtimev1.McpResponse) {
			var message map[string]any
			if json.Unmarshal(response.Body, &message) == nil {
				response.Body, _ = json.Marshal(message)
			}
		}}
	}},
	{"notification-answered", "JSONRPC-3", "The runtime answers a notification with 200 and a body", func() changes {
		return changes{answer: func(_ *runtimev1.McpRequest, response *runtimev1.McpResponse) {
			if response.Status == 202 {
				response.Status, response.Body = 200, []byte("{}")
				response.Headers = map[string]string{"content-type": "application/json"}
			}
		}}
	}},
	{"batch-begun", "JSONRPC-6", "The runtime executes the messages of a batch before it refuses the batch", func() changes {
		return changes{invoke: func(ctx context.Context, request *runtimev1.McpRequest, work unary) (*runtimev1.McpResponse, error) {
			var messages []json.RawMessage
			if json.Unmarshal(request.Body, &messages) == nil {
				body := request.Body
				for _, message := range messages {
					request.Body = message
					if _, err := work(ctx, request); err != nil {
						return nil, err
					}
				}
				request.Body = body
			}
			return work(ctx, request)
		}}
	}},
	{"revision-not-checked", "INIT-6", "The runtime accepts every revision in mcp-protocol-version", func() changes {
		return changes{request: func(request *runtimev1.McpRequest) { delete(request.Headers, "mcp-protocol-version") }}
	}},
	{"inside-shown", "ERROR-3", "The runtime exposes a source position in refusals", func() changes {
		const place = " at /src/internal/grpcserver/server.go:42"
		return changes{
			failed: func(err error) error {
				return status.Error(status.Code(err), status.Convert(err).Message()+place)
			},
			answer: func(_ *runtimev1.McpRequest, response *runtimev1.McpResponse) {
				if response.Status >= 400 {
					response.Body = bytes.Replace(response.Body, []byte(`"message":"`), []byte(`"message":"`+place[1:]+": "), 1)
				}
			},
		}
	}},
	{"body-cut", "LIMIT-3", "The runtime truncates bodies at 4 MiB", func() changes {
		return changes{answer: func(_ *runtimev1.McpRequest, response *runtimev1.McpResponse) {
			response.Body = response.Body[:min(len(response.Body), 4<<20)]
		}}
	}},
	{"deadline-not-told", "DEADLINE-1", "The runtime continues work after the deadline", func() changes {
		return changes{context: context.WithoutCancel}
	}},
	{"stopping-not-told", "HEALTH-5", "The runtime reports health \"ok\" while it stops", func() changes {
		return changes{health: func(response *runtimev1.HealthResponse) { response.Status = "ok" }}
	}},
	{"another-mode", "HEALTH-2", "The runtime reports an undefined mode", func() changes {
		return changes{health: func(response *runtimev1.HealthResponse) { response.Mode = "all" }}
	}},
}
