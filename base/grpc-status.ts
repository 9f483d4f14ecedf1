/** The canonical names of the gRPC status codes. The index is the code. */
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

/** Returns the name of a status code, or undefined for an unknown code. */
export function grpcStatusName(code: number): GrpcStatusName | undefined {
  return grpcStatusNames[code];
}

/** Returns the code of a status name, or undefined for an unknown name. */
export function grpcStatusCode(name: string): number | undefined {
  const code = (grpcStatusNames as readonly string[]).indexOf(name);
  return code === -1 ? undefined : code;
}
