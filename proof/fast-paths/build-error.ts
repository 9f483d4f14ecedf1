/** Thrown if a program cannot be built. The message names it, and ends with the output of the compiler. */
export class BuildError extends Error {
  override readonly name = 'BuildError';
  readonly code = 'build';
}
