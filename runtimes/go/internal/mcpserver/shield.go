package mcpserver

import (
	"errors"

	sdkrpc "github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
)

// shield returns an error that callers may read: the runtime's own errors as they are, and for every other error a fixed
// text for its code (ERROR-3).
func shield(method string, err error) *failure.RPC {
	if own, ok := errors.AsType[*failure.RPC](err); ok {
		return own
	}
	code := int64(sdkrpc.CodeInternalError)
	if method == "initialize" {
		code = sdkrpc.CodeInvalidParams // The SDK gives no code to invalid params of initialize.
	}
	if foreign, ok := errors.AsType[*sdkrpc.Error](err); ok {
		code = foreign.Code
	}
	switch code {
	case sdkrpc.CodeMethodNotFound:
		return methodNotFound()
	// The SDK reports missing params as an invalid request (JSONRPC-9).
	case sdkrpc.CodeInvalidParams, sdkrpc.CodeInvalidRequest:
		return failure.InvalidParams("Invalid params")
	case mcp.CodeUnsupportedProtocolVersion:
		unsupported := failure.NewRPC(failure.InvalidArgument, mcp.CodeUnsupportedProtocolVersion,
			"protocol_version_not_served", "The protocol version is not supported")
		unsupported.Data = map[string]any{"supported": Revisions()}
		return unsupported
	}
	return failure.NewRPC(failure.Internal, failure.CodeInternalError, "internal_error", "Internal error")
}

func methodNotFound() *failure.RPC {
	return failure.NewRPC(failure.Unsupported, failure.CodeMethodNotFound, "method_not_found", "Method not found")
}
