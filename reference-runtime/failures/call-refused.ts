/** The status of a failure category on each layer, and whether a retry of the call may succeed. */
export interface CategoryMapping {
  /** The HTTP status in `McpResponse.status` and `McpChunk.error_status`. */
  readonly httpStatus: number;
  /** The number of the gRPC status. */
  readonly grpcStatus: number;
  readonly retryable: boolean;
}

/** The statuses of each failure category on both layers (ERROR-4). */
export const categoryMappings = {
  INVALID_ARGUMENT: { httpStatus: 400, grpcStatus: 3, retryable: false },
  UNAUTHENTICATED: { httpStatus: 401, grpcStatus: 16, retryable: false },
  PERMISSION_DENIED: { httpStatus: 403, grpcStatus: 7, retryable: false },
  NOT_FOUND: { httpStatus: 404, grpcStatus: 5, retryable: false },
  CONFLICT: { httpStatus: 409, grpcStatus: 10, retryable: true },
  FAILED_PRECONDITION: { httpStatus: 400, grpcStatus: 9, retryable: false },
  RATE_LIMITED: { httpStatus: 429, grpcStatus: 8, retryable: true },
  UNSUPPORTED: { httpStatus: 404, grpcStatus: 12, retryable: false },
  UNAVAILABLE: { httpStatus: 503, grpcStatus: 14, retryable: true },
  UPSTREAM_ERROR: { httpStatus: 502, grpcStatus: 2, retryable: true },
  INTERNAL: { httpStatus: 500, grpcStatus: 13, retryable: false },
} as const satisfies Record<string, CategoryMapping>;

/** The categories of failure of the contract (ERROR-4). */
export type FailureCategory = keyof typeof categoryMappings;

/** The maximum length of a message. gRPC clients limit the size of trailers (ERROR-7). */
const maxMessageCharacters = 1000;

/** A failure on the gRPC layer (ERROR-1). Its message is safe to send and limited in length. */
export class CallRefused extends Error {
  override readonly name = 'CallRefused';
  readonly code: FailureCategory;

  constructor(code: FailureCategory, message: string) {
    super(bounded(message));
    this.code = code;
  }

  /** The numeric gRPC status of the failed call. */
  get grpcStatus(): number {
    return categoryMappings[this.code].grpcStatus;
  }
}

function bounded(message: string): string {
  return message.length <= maxMessageCharacters ? message : `${message.slice(0, maxMessageCharacters)}...`;
}
