package failure

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"maps"
)

// The JSON-RPC error codes that this runtime uses.
const (
	CodeParseError       = -32700
	CodeInvalidRequest   = -32600
	CodeMethodNotFound   = -32601
	CodeInvalidParams    = -32602
	CodeInternalError    = -32603
	CodeServerError      = -32000
	CodeSessionNotFound  = -32001
	CodeResourceNotFound = -32002
	CodeRequestCancelled = -32800
	// MCP 2026-07-28 defines the codes below.
	CodeHeaderMismatch     = -32020
	CodeMissingCapability  = -32021
	CodeUnsupportedVersion = -32022
)

// RPC is a JSON-RPC error. Its message is safe to send.
type RPC struct {
	Category Category
	// Code is the JSON-RPC error code.
	Code int
	// Reason is a stable name for the cause, in snake case.
	Reason  string
	Message string
	// Data contains additional members of the error's data.
	Data map[string]any
}

func (e *RPC) Error() string { return e.Message }

// NewRPC returns an error without additional data.
func NewRPC(category Category, code int, reason, message string) *RPC {
	return &RPC{Category: category, Code: code, Reason: reason, Message: message}
}

// InvalidParams returns the error for a request with invalid params (JSONRPC-9).
func InvalidParams(message string) *RPC {
	return NewRPC(InvalidArgument, CodeInvalidParams, "invalid_params", message)
}

// MethodNotFound returns the error for a method that is not served.
func MethodNotFound() *RPC {
	return NewRPC(Unsupported, CodeMethodNotFound, "method_not_found", "Method not found")
}

// InternalError returns the error for an unexpected failure. It does not reveal the cause (ERROR-3).
func InternalError() *RPC {
	return NewRPC(Internal, CodeInternalError, "internal_error", "Internal error")
}

// Response encodes an error response. id is the JSON token of the request's id, "null", or "" to leave the member out
// (JSONRPC-2, ERROR-5, MODERN-11).
func (e *RPC) Response(id string) []byte {
	data := map[string]any{
		"category":  e.Category.Name,
		"code":      e.Reason,
		"retryable": e.Category.Retryable,
		"origin":    "module",
		"traceId":   newTraceID(),
	}
	maps.Copy(data, e.Data)
	body, err := json.Marshal(map[string]any{"code": e.Code, "message": e.Message, "data": data})
	if err != nil {
		panic(err) // Unreachable: data contains only strings, numbers, booleans and lists.
	}
	if id != "" {
		id = `"id":` + id + `,`
	}
	response := append([]byte(`{"jsonrpc":"2.0",`+id+`"error":`), body...)
	return append(response, '}')
}

func newTraceID() string {
	var id [16]byte
	rand.Read(id[:])
	return hex.EncodeToString(id[:])
}
