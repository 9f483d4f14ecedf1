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
