package failure

import (
	"fmt"
	"log/slog"
	"runtime/debug"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Call is a failure on the gRPC layer: the runtime could not process the call (ERROR-1). Its message is safe to send.
type Call struct {
	Category Category
	Message  string
}

func (e *Call) Error() string { return e.Message }

// GRPCStatus returns the status with which grpc-go ends the call.
func (e *Call) GRPCStatus() *status.Status {
	return status.New(e.Category.GRPCCode, e.Message)
}

// Unexpected returns the gRPC status for an unexpected failure. It does not reveal the cause (ERROR-3).
func Unexpected() error { return status.Error(codes.Internal, "Internal error") }

// Panic describes a recovered panic for the log: the type of its value and the stack. It omits the value, which may
// contain caller data.
func Panic(value any) slog.Attr {
	return slog.Group("panic", "type", fmt.Sprintf("%T", value), "stack", string(debug.Stack()))
}
