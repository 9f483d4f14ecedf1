// Package failure holds the failures of the contract: their categories, and their form in gRPC, HTTP and JSON-RPC.
package failure

import "google.golang.org/grpc/codes"

// Category is a category of failure (ERROR-4).
type Category string

// The categories of the contract.
const (
	InvalidArgument  Category = "INVALID_ARGUMENT"
	Unauthenticated  Category = "UNAUTHENTICATED"
	PermissionDenied Category = "PERMISSION_DENIED"
	NotFound         Category = "NOT_FOUND"
	Conflict         Category = "CONFLICT"
	RateLimited      Category = "RATE_LIMITED"
	Unsupported      Category = "UNSUPPORTED"
	Unavailable      Category = "UNAVAILABLE"
	Precondition     Category = "FAILED_PRECONDITION"
	Internal         Category = "INTERNAL"
)

var mappings = map[Category]struct {
	httpStatus int
	grpcCode   codes.Code
	retryable  bool
}{
	InvalidArgument:  {400, codes.InvalidArgument, false},
	Unauthenticated:  {401, codes.Unauthenticated, false},
	PermissionDenied: {403, codes.PermissionDenied, false},
	NotFound:         {404, codes.NotFound, false},
	Conflict:         {409, codes.Aborted, true},
	Precondition:     {400, codes.FailedPrecondition, false},
	RateLimited:      {429, codes.ResourceExhausted, true},
	Unsupported:      {404, codes.Unimplemented, false},
	Unavailable:      {503, codes.Unavailable, true},
	Internal:         {500, codes.Internal, false},
}
