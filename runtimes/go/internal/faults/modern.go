//go:build faults

package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"sync/atomic"

	"google.golang.org/grpc/status"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

const (
	modernRevision = "2026-07-28"
	versionHeader  = "mcp-protocol-version"
	versionMember  = "io.modelcontextprotocol/protocolVersion"
	listenMethod   = "subscriptions/listen"
)

var modernFaults = []fault{
	{"modern-era-remembered", "MODERN-1", "The runtime serves every request by the era of the first request without a session", func() changes {
		var isModern atomic.Bool
		return changes{request: func(request *runtimev1.McpRequest) {
			if bytes.Contains(request.Body, []byte(versionMember)) {
				isModern.Store(true)
			} else if isModern.Load() && request.Method == "POST" {
				setHeader(request, versionHeader, modernRevision)
			}
		}}
	}},
	{"modern-old-version-in-plain-text", "MODERN-3", "The runtime answers versions before its own with a refusal in plain text", func() changes {
		return changes{answer: func(request *runtimev1.McpRequest, response *runtimev1.McpResponse) {
			if version := request.Headers[versionHeader]; response.Status == 400 && version != "" && version < modernRevision {
				response.Headers = map[string]string{"content-type": "text/plain"}
				response.Body = []byte("Bad Request: unsupported protocol version")
			}
		}}
	}},
	{"modern-name-compared-as-sent", "MODERN-8", "The runtime compares mcp-name with the body before it decodes the field", func() changes {
		return changes{request: func(request *runtimev1.McpRequest) {
			if name := request.Headers["mcp-name"]; strings.HasPrefix(name, "=?base64?") {
				request.Headers["mcp-name"] = "sent as " + name
			}
		}}
	}},
	{"modern-acknowledged-with-a-change", "MODERN-15", "The runtime acknowledges a subscription after its first change", func() changes {
		return changes{chunks: func(send func(*runtimev1.McpChunk) error) func(*runtimev1.McpChunk) error {
			var held *runtimev1.McpChunk
			return func(chunk *runtimev1.McpChunk) error {
				if held == nil && bytes.Contains(chunk.Data, []byte("subscriptions/acknowledged")) {
					held = chunk
					return nil
				}
				if held != nil && !chunk.Done {
					chunk.Data, held.Data = append(chunk.Data, held.Data...), nil
				}
				return send(chunk)
			}
		}}
	}},
	{"modern-invoke-of-a-subscription-waits", "MODERN-17", "The runtime keeps an Invoke of a subscription open until its deadline", func() changes {
		return changes{invoke: func(ctx context.Context, request *runtimev1.McpRequest, work unary) (*runtimev1.McpResponse, error) {
			if methodOf(request) == listenMethod {
				<-ctx.Done()
				return nil, status.FromContextError(ctx.Err()).Err()
			}
			return work(ctx, request)
		}}
	}},
	{"modern-expiry-in-seconds", "MODERN-20", "The runtime reads the expiry of a subscription as seconds", func() changes {
		return changes{request: func(request *runtimev1.McpRequest) {
			if auth := request.AuthContext; auth != nil && methodOf(request) == listenMethod {
				auth.ExpiresAtEpochMs *= 1000
			}
		}}
	}},
	{"modern-subscription-without-result", "MODERN-20", "The runtime ends a subscription without its result", func() changes {
		return changes{chunk: func(request *runtimev1.McpRequest, chunk *runtimev1.McpChunk) bool {
			return methodOf(request) != listenMethod || !bytes.Contains(chunk.Data, []byte(`"result":`))
		}}
	}},
	{"refused-post-without-body", "POST-6", "The runtime refuses a streamed POST like a GET, without a body", func() changes {
		return changes{chunks: func(send func(*runtimev1.McpChunk) error) func(*runtimev1.McpChunk) error {
			isRefused := false
			return func(chunk *runtimev1.McpChunk) error {
				if isRefused {
					return nil
				}
				if isRefused = chunk.Status >= 400; isRefused {
					chunk.ErrorStatus, chunk.Headers, chunk.Done = chunk.Status, nil, true
				}
				return send(chunk)
			}
		}}
	}},
}

func setHeader(request *runtimev1.McpRequest, name, value string) {
	if request.Headers == nil {
		request.Headers = map[string]string{}
	}
	request.Headers[name] = value
}

// methodOf returns the JSON-RPC method of a request, or "".
func methodOf(request *runtimev1.McpRequest) string {
	var message struct{ Method string }
	if json.Unmarshal(request.GetBody(), &message) != nil {
		return ""
	}
	return message.Method
}
