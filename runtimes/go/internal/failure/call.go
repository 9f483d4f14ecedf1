package failure

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// maxMessageBytes limits the message of a call, because gRPC clients limit the size of trailers (ERROR-7).
const maxMessageBytes = 1000

// Call is a failure on the gRPC layer: the runtime could not process the call (ERROR-1). Its message is safe to send.
type Call struct {
	Category Category
	Message  string
}

func (e *Call) Error() string { return e.Message }

// GRPCStatus returns the status with which grpc-go ends the call. It cuts a message that quotes a long value.
func (e *Call) GRPCStatus() *status.Status {
	message := e.Message
	if len(message) > maxMessageBytes {
		message = strings.ToValidUTF8(message[:maxMessageBytes], "") + "..."
	}
	return status.New(e.Category.GRPCCode, message)
}

// Unexpected returns the gRPC status for an unexpected failure. It does not reveal the cause (ERROR-3).
func Unexpected() error { return status.Error(codes.Internal, "Internal error") }

// Panic describes a recovered panic for the log: the type of its value and the stack. It omits the value, which may
// contain caller data.
func Panic(value any) slog.Attr {
	return slog.Group("panic", "type", fmt.Sprintf("%T", value), "stack", string(debug.Stack()))
}
