import { RefusedStreamError } from './errors.ts';
import type { RuntimeResponse } from './messages.ts';

const unavailable = JSON.stringify({
  jsonrpc: '2.0',
  id: null,
  error: { code: -32000, message: 'The MCP runtime could not be reached or did not answer' },
});

/**
 * The HTTP response that a gateway gives when a call throws (CLIENT-12). Every failure becomes 502 with the same
 * JSON-RPC error -32000 and `id` null: nothing of the error shows. A {@link RefusedStreamError} is an answer of the
 * runtime rather than a failure: its own status and header fields, with an empty body.
 */
export function toGatewayResponse(error: unknown): RuntimeResponse {
  if (error instanceof RefusedStreamError) {
    return { status: error.status, headers: error.headers, body: new Uint8Array() };
  }
  return {
    status: 502,
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode(unavailable),
  };
}
