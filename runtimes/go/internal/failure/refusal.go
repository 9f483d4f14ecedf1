package failure

import (
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Call is a failure on the gRPC layer: the call could not be carried out (ERROR-1). Its message is fit for the caller.
type Call struct {
	Category Category
	Message  string
}

func (e *Call) Error() string { return e.Message }

// GRPCStatus lets the gRPC library end the call with the status of the category.
func (e *Call) GRPCStatus() *status.Status {
	return status.New(mappings[e.Category].grpcCode, e.Message)
}

// Unforeseen is the gRPC status of whatever nobody thought of: it says nothing of the inside (ERROR-3).
func Unforeseen() error { return status.Error(codes.Internal, "Internal error") }

// Refusal is a failure on the HTTP layer: MCP over HTTP says no, with gRPC OK (ERROR-1).
type Refusal struct {
	RPC
	// Status is the HTTP status where it is not that of the category.
	Status int
	// ID is the JSON token of the request's id, "" where there is none.
	ID string
}

// Refuse makes a refusal with the JSON-RPC code for all that has no code of its own.
func Refuse(category Category, reason, message string) *Refusal {
	return &Refusal{RPC: RPC{Category: category, Code: CodeServerError, Reason: reason, Message: message}}
}

// WithCode sets the JSON-RPC error code.
func (r *Refusal) WithCode(code int) *Refusal {
	r.Code = code
	return r
}

// WithID makes it the answer to the request with that id, unless it is one already.
func (r *Refusal) WithID(id string) *Refusal {
	if r.ID == "" {
		r.ID = id
	}
	return r
}

// HTTPStatus is the status of the answer, 400 or more.
func (r *Refusal) HTTPStatus() int {
	if r.Status != 0 {
		return r.Status
	}
	return mappings[r.Category].httpStatus
}

// Body is the JSON-RPC error response of the answer (ERROR-2).
func (r *Refusal) Body() []byte {
	if r.ID == "" {
		return r.Response("null")
	}
	return r.Response(r.ID)
}
