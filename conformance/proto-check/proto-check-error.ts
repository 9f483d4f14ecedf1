/** A proto module cannot be checked: it, or what it is held against, cannot be read, or buf is missing. One line each. */
export class ProtoCheckError extends Error {
  override readonly name = 'ProtoCheckError';
  readonly code = 'proto-check-invalid';
}
