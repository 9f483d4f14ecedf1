/** The error codes that JSON-RPC defines. */
const defined: ReadonlySet<number> = new Set([-32700, -32600, -32601, -32602, -32603]);

const notInteger = 'the code of an error is not an integer';
const reserved = 'is reserved by JSON-RPC';

/** Returns how an error code violates JSONRPC-12, or undefined. JSON-RPC reserves codes without defining them. */
export function codeProblem(code: number): string | undefined {
  if (!Number.isInteger(code)) return notInteger;
  const isReserved = code >= -32768 && code <= -32100 && !defined.has(code);
  return isReserved ? `the error code ${code} ${reserved}` : undefined;
}

/** Returns whether a text contains a problem from {@link codeProblem}. */
export function containsCodeProblem(text: string): boolean {
  return text.includes(notInteger) || text.includes(reserved);
}
