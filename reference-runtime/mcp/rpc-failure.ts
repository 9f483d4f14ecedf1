import type { FailureCategory } from '../failures/category.ts';
import { errorData, type RpcError, type RpcErrorData, rpcErrorCodes } from './json-rpc-error.ts';

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
 * Makes an error fit to be sent: what this runtime said itself stays, any other text is replaced by what its
 * code means (ERROR-3), with the data of ERROR-5.
 */
export function shieldError(error: RpcError): RpcError {
  const ownCode = ownCodeOf(error.data);
  if (ownCode !== undefined) return { ...error, code: ownCode };
  switch (error.code) {
    case rpcErrorCodes.methodNotFound:
      return {
        code: error.code,
        message: 'Method not found',
        data: errorData('UNSUPPORTED', 'method_not_found'),
      };
    case rpcErrorCodes.invalidParams:
      return {
        code: error.code,
        message: 'Invalid params',
        data: errorData('INVALID_ARGUMENT', 'invalid_params'),
      };
    default:
      return {
        code: rpcErrorCodes.internalError,
        message: 'Internal error',
        data: errorData('INTERNAL', 'internal_error'),
      };
  }
}
