/** The status codes of gRPC, in the order of their numbers (0 to 16). */
export const grpcStatusNames = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

export type GrpcStatusName = (typeof grpcStatusNames)[number];

/** The name for the value of a `grpc-status` trailer; undefined for what is none. */
export function grpcStatusName(trailer: string): GrpcStatusName | undefined {
  return /^(0|[1-9][0-9]?)$/.test(trailer) ? grpcStatusNames[Number(trailer)] : undefined;
}

/**
 * What a gRPC client makes of RST_STREAM without trailers ("HTTP2 Transport Mapping", the table of error codes).
 * @param errorCode HTTP/2 error code, RFC 9113 section 7
 */
export function grpcStatusOfReset(errorCode: number): GrpcStatusName {
  switch (errorCode) {
    case 0x7: // REFUSED_STREAM
      return 'UNAVAILABLE';
    case 0x8: // CANCEL
      return 'CANCELLED';
    case 0xb: // ENHANCE_YOUR_CALM
      return 'RESOURCE_EXHAUSTED';
    case 0xc: // INADEQUATE_SECURITY
      return 'PERMISSION_DENIED';
    default:
      return 'INTERNAL';
  }
}

/** What a gRPC client makes of an HTTP status without `grpc-status`. */
export function grpcStatusOfHttp(status: number): GrpcStatusName {
  switch (status) {
    case 400:
      return 'INTERNAL';
    case 401:
      return 'UNAUTHENTICATED';
    case 403:
      return 'PERMISSION_DENIED';
    case 404:
      return 'UNIMPLEMENTED';
    case 429:
    case 502:
    case 503:
    case 504:
      return 'UNAVAILABLE';
    default:
      return 'UNKNOWN';
  }
}

/** The text of a `grpc-message` trailer: percent-decoded, and as it came where it is not valid. */
export function decodeGrpcMessage(trailer: string): string {
  try {
    return decodeURIComponent(trailer);
  } catch {
    return trailer;
  }
}
