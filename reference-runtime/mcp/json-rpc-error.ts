import { randomBytes } from 'node:crypto';
import { categoryMappings, type FailureCategory } from '../failures/call-refused.ts';

/** The codes of JSON-RPC 2.0 and MCP that this runtime uses. */
export const rpcErrorCodes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  serverError: -32000,
  sessionNotFound: -32001,
  resourceNotFound: -32002,
  requestCancelled: -32800,
} as const;

/** A JSON-RPC error object. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/**
 * Creates the `data` of an error of this runtime (ERROR-5). Each error gets a new trace id.
 * @param code a stable name of the cause, in snake case
 */
export function errorData(category: FailureCategory, code: string) {
  const { retryable } = categoryMappings[category];
  return { category, code, retryable, origin: 'module', traceId: randomBytes(16).toString('hex') };
}

/** Writes a JSON-RPC error response. @param id the id as a JSON token. Null leaves the member out */
export function errorResponse(id: string | null, error: RpcError): string {
  if (id === null) return `{"jsonrpc":"2.0","error":${JSON.stringify(error)}}`;
  return `{"jsonrpc":"2.0","id":${id},"error":${JSON.stringify(error)}}`;
}

/** Writes a JSON-RPC result response. @param id the id of the request as a JSON token (JSONRPC-2) */
export function resultResponse(id: string, result: unknown): string {
  return `{"jsonrpc":"2.0","id":${id},"result":${JSON.stringify(result)}}`;
}

/** The codes of this runtime's errors by `data`. The SDK keeps the data object, but changes some codes. */
const ownCodes = new WeakMap<object, number>();

/** Creates an error of this runtime, with the data of ERROR-5. */
export function rpcError(category: FailureCategory, cause: string, code: number, message: string): RpcError {
  const data = errorData(category, cause);
  ownCodes.set(data, code);
  return { code, message, data };
}

/** Returns the error for an unknown method. */
export function methodNotFound(): RpcError {
  return rpcError('UNSUPPORTED', 'method_not_found', rpcErrorCodes.methodNotFound, 'Method not found');
}

/** Returns the error for invalid params (JSONRPC-9). */
export function invalidParams(message: string): RpcError {
  return rpcError('INVALID_ARGUMENT', 'invalid_params', rpcErrorCodes.invalidParams, message);
}

/** A failure that becomes a JSON-RPC error for the caller. */
export class RpcFailure extends Error {
  override readonly name = 'RpcFailure';
  readonly code: number;
  readonly data: unknown;

  constructor({ code, message, data }: RpcError) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/**
 * Makes an error safe to send (ERROR-3). Returns the runtime's own errors unchanged, and replaces any other error with
 * a fixed error for its code.
 */
export function shieldError(error: RpcError): RpcError {
  const { code, data } = error;
  const ownCode = typeof data === 'object' && data !== null ? ownCodes.get(data) : undefined;
  if (ownCode !== undefined) return { ...error, code: ownCode };
  if (code === rpcErrorCodes.methodNotFound) return methodNotFound();
  if (code === rpcErrorCodes.invalidParams) return invalidParams('Invalid params');
  return rpcError('INTERNAL', 'internal_error', rpcErrorCodes.internalError, 'Internal error');
}

/**
 * Makes an error of a hosted server safe to send (ERROR-3). The text of an internal error is that of an exception, so
 * it is replaced. The server chose every other error.
 */
export function shieldHostedError(error: RpcError): RpcError {
  return error.code === rpcErrorCodes.internalError ? shieldError(error) : error;
}
