// Package httpcall reads the HTTP request that a gateway sent in a call, and writes the HTTP response.
package httpcall

import (
	"strings"
	"unicode"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/identity"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

// Call is an HTTP request, checked on the gRPC layer.
type Call struct {
	// Method is POST, GET or DELETE.
	Method  string
	Path    string
	Headers Headers
	Body    []byte
	// ServerID is the scope of the call, "" for none (RPC-8).
	ServerID string
	// SessionID names the session, "" for none (SESSION-7).
	SessionID string
	Auth      *identity.Context
}

// Read reads a call of an RPC that stands for the HTTP methods given, the first of which an empty method means (RPC-5).
// It fails with INVALID_ARGUMENT. The field affinity_forwarded is not looked at (RPC-10).
func Read(request *runtimev1.McpRequest, methods ...string) (*Call, error) {
	if err := checkFields(request); err != nil {
		return nil, err
	}
	method, err := agreedMethod(request.GetMethod(), methods)
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
			return invalid(field.name + ": has a control character")
		}
	}
	return nil
}

func agreedMethod(method string, methods []string) (string, error) {
	if method == "" {
		return methods[0], nil
	}
	for _, agreed := range methods {
		if method == agreed {
			return agreed, nil
		}
	}
	return "", invalid("method: this RPC stands for " + strings.Join(methods, " or "))
}

// AtEndpoint says whether the path is the MCP endpoint: /mcp or /servers/ID/mcp, nothing else (RPC-6, RPC-7).
func (c *Call) AtEndpoint() bool {
	if c.Path == "/mcp" {
		return true
	}
	rest, hasPrefix := strings.CutPrefix(c.Path, "/servers/")
	server, hasSuffix := strings.CutSuffix(rest, "/mcp")
	return hasPrefix && hasSuffix && server != "" && server != "." && server != ".." &&
		!strings.ContainsAny(server, "/?#")
}

func invalid(message string) error {
	return &failure.Call{Category: failure.InvalidArgument, Message: message}
}
