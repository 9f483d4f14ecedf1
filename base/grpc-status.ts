/** The canonical names of the gRPC status codes, in the order of their numbers (0 to 16). */
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

/** The canonical name of a gRPC status code. */
export type GrpcStatusName = (typeof grpcStatusNames)[number];

/** The name of a status code; undefined for a number that gRPC does not define. */
export function grpcStatusName(code: number): GrpcStatusName | undefined {
  return grpcStatusNames[code];
}

/** The code of a status name; undefined for a name that gRPC does not define. */
export function grpcStatusCode(name: string): number | undefined {
  const code = (grpcStatusNames as readonly string[]).indexOf(name);
  return code === -1 ? undefined : code;
}
