package failure

import (
	"fmt"
	"log/slog"
	"runtime/debug"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Call is a failure on the gRPC layer: the call could not be carried out (ERROR-1). Callers may read its message.
type Call struct {
	Category Category
	Message  string
}

func (e *Call) Error() string { return e.Message }

// GRPCStatus is the status with which grpc-go ends the call.
func (e *Call) GRPCStatus() *status.Status {
	return status.New(e.Category.GRPCCode, e.Message)
}

// Unexpected is the gRPC status of an unexpected failure, which reveals nothing about its cause (ERROR-3).
func Unexpected() error { return status.Error(codes.Internal, "Internal error") }

// Panic describes a recovered panic for the log: the type of its value and the stack. The value itself may hold data of a
// caller.
func Panic(value any) slog.Attr {
	return slog.Group("panic", "type", fmt.Sprintf("%T", value), "stack", string(debug.Stack()))
}
