/** The error codes that JSON-RPC defines. */
const defined: ReadonlySet<number> = new Set([-32700, -32600, -32601, -32602, -32603]);

/** Returns whether JSON-RPC reserves an error code without defining it (JSONRPC-12). */
export function isReservedCode(code: number): boolean {
  return code >= -32768 && code <= -32100 && !defined.has(code);
}
