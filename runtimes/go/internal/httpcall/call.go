// Package httpcall decodes the HTTP request that a gRPC call carries, and represents the HTTP response.
package httpcall

import (
	"slices"
	"strings"
	"unicode"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/identity"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

// Call is an HTTP request that passed the checks of the gRPC layer.
type Call struct {
	// Method is POST, GET or DELETE.
	Method  string
	Path    string
	Headers Headers
	Body    []byte
	// ServerID is the scope of the call, or "" (RPC-8).
	ServerID string
	// SessionID is the id of the session, or "" (SESSION-7).
	SessionID string
	Auth      *identity.Context
}

// Read decodes a request of an RPC that carries these HTTP methods. If the request has no method, Read assumes the
// first one (RPC-5). It ignores affinity_forwarded (RPC-10), and fails with INVALID_ARGUMENT.
func Read(request *runtimev1.McpRequest, methods ...string) (*Call, error) {
	if err := checkFields(request); err != nil {
		return nil, err
	}
	method, err := checkMethod(request.GetMethod(), methods)
	if err != nil {
		return nil, err
	}
	headers, err := readHeaders(request.GetHeaders())
	if err != nil {
		return nil, err
	}
	call := &Call{
		Method:    method,
		Path:      request.GetPath(),
		Headers:   headers,
		Body:      request.GetBody(),
		ServerID:  request.GetServerId(),
		SessionID: request.GetSessionId(),
	}
	if auth := request.GetAuthContext(); auth != nil {
		call.Auth = &identity.Context{Encoded: auth.GetEncoded(), ExpiresAtEpochMS: auth.GetExpiresAtEpochMs()}
	}
	return call, nil
}

// checkFields refuses control characters in the typed fields (RPC-9).
func checkFields(request *runtimev1.McpRequest) error {
	for _, field := range []struct{ name, value string }{
		{"method", request.GetMethod()},
		{"path", request.GetPath()},
		{"query", request.GetQuery()},
		{"server_id", request.GetServerId()},
		{"session_id", request.GetSessionId()},
	} {
		if strings.ContainsFunc(field.value, unicode.IsControl) {
			return invalid(field.name + ": contains a control character")
		}
	}
	return nil
}

func checkMethod(method string, methods []string) (string, error) {
	if method == "" {
		return methods[0], nil
	}
	if !slices.Contains(methods, method) {
		return "", invalid("method: must be " + strings.Join(methods, " or ") + " on this RPC")
	}
	return method, nil
}

// AtEndpoint reports whether the path is the MCP endpoint: /mcp or /servers/ID/mcp, with an optional trailing slash
// (RPC-6, RPC-7).
func (c *Call) AtEndpoint() bool {
	path := strings.TrimSuffix(c.Path, "/")
	if path == "/mcp" {
		return true
	}
	rest, hasPrefix := strings.CutPrefix(path, "/servers/")
	server, hasSuffix := strings.CutSuffix(rest, "/mcp")
	return hasPrefix && hasSuffix && server != "" && server != "." && server != ".." &&
		!strings.ContainsAny(server, "/?#")
}

func invalid(message string) error {
	return &failure.Call{Category: failure.InvalidArgument, Message: message}
}

// Answer is an HTTP response. Its header names are lower-case (HEADER-2).
type Answer struct {
	Status  int
	Headers map[string]string
	Body    []byte
}

// Empty returns an answer without a body.
func Empty(status int) *Answer { return &Answer{Status: status} }

// JSON returns an answer with a JSON body.
func JSON(status int, body []byte) *Answer {
	return &Answer{Status: status, Headers: map[string]string{"content-type": "application/json"}, Body: body}
}

// Events returns an answer whose body is a complete stream of server-sent events (JSONRPC-10).
func Events(body []byte) *Answer {
	return &Answer{Status: 200, Headers: map[string]string{"content-type": "text/event-stream"}, Body: body}
}

// Refused returns the answer for a refusal (ERROR-2).
func Refused(refusal *failure.Refusal) *Answer { return JSON(refusal.HTTPStatus(), refusal.Body()) }
