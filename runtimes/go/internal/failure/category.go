// Package failure defines the failures of the contract: their categories, and their encodings in gRPC, HTTP and
// JSON-RPC.
package failure

import "google.golang.org/grpc/codes"

// Category is a category of failure (ERROR-4).
type Category struct {
	Name       string
	HTTPStatus int
	GRPCCode   codes.Code
	Retryable  bool
}

// The categories of the contract.
var (
	InvalidArgument  = Category{"INVALID_ARGUMENT", 400, codes.InvalidArgument, false}
	Unauthenticated  = Category{"UNAUTHENTICATED", 401, codes.Unauthenticated, false}
	PermissionDenied = Category{"PERMISSION_DENIED", 403, codes.PermissionDenied, false}
	NotFound         = Category{"NOT_FOUND", 404, codes.NotFound, false}
	Conflict         = Category{"CONFLICT", 409, codes.Aborted, true}
	Precondition     = Category{"FAILED_PRECONDITION", 400, codes.FailedPrecondition, false}
	RateLimited      = Category{"RATE_LIMITED", 429, codes.ResourceExhausted, true}
	Unsupported      = Category{"UNSUPPORTED", 404, codes.Unimplemented, false}
	Unavailable      = Category{"UNAVAILABLE", 503, codes.Unavailable, true}
	Internal         = Category{"INTERNAL", 500, codes.Internal, false}
)
