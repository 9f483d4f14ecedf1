import { randomBytes } from 'node:crypto';
import { categoryMappings, type FailureCategory } from '../failures/category.ts';

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

/** `error.data` of an error that the runtime makes by itself (ERROR-5). */
export interface RpcErrorData {
  readonly category: FailureCategory;
  /** A stable name of the cause, in snake case. */
  readonly code: string;
  readonly retryable: boolean;
  readonly origin: 'module' | 'core' | 'plugin' | 'upstream';
  /** 32 hexadecimal digits that name this occurrence. */
  readonly traceId: string;
}

/** A JSON-RPC error object. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** Makes the `data` of an error, with a trace id of its own. */
export function errorData(category: FailureCategory, code: string): RpcErrorData {
  return {
    category,
    code,
    retryable: categoryMappings[category].retryable,
    origin: 'module',
    traceId: randomBytes(16).toString('hex'),
  };
}

/** Writes a JSON-RPC error response. `id` is the JSON token of the id, `null` where there is none. */
export function errorResponse(id: string, error: RpcError): string {
  return `{"jsonrpc":"2.0","id":${id},"error":${JSON.stringify(error)}}`;
}

/** Writes a JSON-RPC result response. `id` is the JSON token of the request's id (JSONRPC-2). */
export function resultResponse(id: string, result: unknown): string {
  return `{"jsonrpc":"2.0","id":${id},"result":${JSON.stringify(result)}}`;
}

/** The codes of our own errors by their data: the SDK hands on the data as it is, but changes some codes. */
const ownCodes = new WeakMap<object, number>();

/** A request ends with a JSON-RPC error that the caller may read. */
export class RpcFailure extends Error {
  override readonly name = 'RpcFailure';
  /** The JSON-RPC error code. */
  readonly code: number;
  readonly data: RpcErrorData & Readonly<Record<string, unknown>>;

  constructor(category: FailureCategory, error: RpcError, stableCode: string) {
    super(error.message);
    this.code = error.code;
    this.data = {
      ...errorData(category, stableCode),
      ...(error.data as Record<string, unknown> | undefined),
    };
    ownCodes.set(this.data, error.code);
  }
}

/** The failure of a request whose params do not fit its method (JSONRPC-9). */
export function invalidParams(message: string): RpcFailure {
  return new RpcFailure('INVALID_ARGUMENT', { code: rpcErrorCodes.invalidParams, message }, 'invalid_params');
}

/** The code of an error that this runtime made itself, undefined for any other. */
function ownCodeOf(data: unknown): number | undefined {
  return typeof data === 'object' && data !== null ? ownCodes.get(data) : undefined;
}

/**
 * Makes an error fit to be sent: what this runtime said itself stays, any other text is replaced by what its code means
 * (ERROR-3), with the data of ERROR-5.
 */
export function shieldError(error: RpcError): RpcError {
  const ownCode = ownCodeOf(error.data);
  if (ownCode !== undefined) return { ...error, code: ownCode };
  const own = (code: number, message: string, category: FailureCategory, stableCode: string) => ({
    code,
    message,
    data: errorData(category, stableCode),
  });
  switch (error.code) {
    case rpcErrorCodes.methodNotFound:
      return own(error.code, 'Method not found', 'UNSUPPORTED', 'method_not_found');
    case rpcErrorCodes.invalidParams:
      return own(error.code, 'Invalid params', 'INVALID_ARGUMENT', 'invalid_params');
    default:
      return own(rpcErrorCodes.internalError, 'Internal error', 'INTERNAL', 'internal_error');
  }
}
