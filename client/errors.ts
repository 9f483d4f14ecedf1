import { type GrpcStatusName, grpcStatusName } from '../base/grpc-status.ts';

export type { GrpcStatusName };

/** What went wrong, for a `switch`: the `code` of every error class of this client. */
export type RuntimeClientErrorCode =
  | 'RPC_FAILED'
  | 'DEADLINE'
  | 'ABORT_ERR'
  | 'CLIENT_CLOSED'
  | 'STREAM_REFUSED'
  | 'STREAM_TRUNCATED'
  | 'CONTRACT_VIOLATION'
  | 'HTTP_STATUS'
  | 'JSONRPC_ERROR';

/** The base of everything this client throws for a call. Wrong arguments are `TypeError` and `RangeError`. */
export abstract class RuntimeClientError extends Error {
  abstract readonly code: RuntimeClientErrorCode;
  /** Whether the same call may well succeed when made again, its effects permitting. */
  readonly retryable: boolean = false;
}

/** The lower layer said no: the call ended with a gRPC status other than OK (ERROR-1). */
export class RuntimeCallError extends RuntimeClientError {
  override readonly name = 'RuntimeCallError';
  readonly code = 'RPC_FAILED';
  /** The gRPC status, 1 to 16. */
  readonly grpcStatus: number;
  readonly grpcStatusName: GrpcStatusName;
  /** The text that came with the status. For logs: it is never part of a gateway response (CLIENT-12). */
  readonly details: string;
  /** True for UNAVAILABLE: the runtime was not reached, or the connection to it broke. */
  override readonly retryable: boolean;

  constructor(call: string, grpcStatus: number, details: string) {
    const name = grpcStatusName(grpcStatus) ?? 'UNKNOWN';
    super(`${call} ended with ${name}${details === '' ? '' : `: ${details}`}`);
    this.grpcStatus = grpcStatus;
    this.grpcStatusName = name;
    this.details = details;
    this.retryable = name === 'UNAVAILABLE';
  }
}

/**
 * Which limit passed: `call`, the deadline of a call; `connect`, the time to reach the runtime; `idle`, the time
 * without data on a stream; `ready`, the time given to `waitUntilReady`.
 */
export type DeadlineKind = 'call' | 'connect' | 'idle' | 'ready';

/** A time limit passed (CLIENT-2). The call has been cancelled. */
export class DeadlineError extends RuntimeClientError {
  override readonly name = 'DeadlineError';
  readonly code = 'DEADLINE';
  readonly kind: DeadlineKind;
  override readonly retryable: boolean;

  constructor(kind: DeadlineKind, message: string) {
    super(message);
    this.kind = kind;
    this.retryable = kind !== 'call';
  }
}

/** The caller's `AbortSignal` fired. `cause` is the signal's reason; `name` and `code` are those of Node's own. */
export class AbortError extends RuntimeClientError {
  override readonly name = 'AbortError';
  readonly code = 'ABORT_ERR';

  constructor(call: string, reason: unknown) {
    super(`${call} was aborted by its caller`, { cause: reason });
  }
}

/** The client was closed while the call was under way, or before it. */
export class ClientClosedError extends RuntimeClientError {
  override readonly name = 'ClientClosedError';
  readonly code = 'CLIENT_CLOSED';

  constructor(call: string) {
    super(`${call} ended: the client is closed`);
  }
}

/** The upper layer refused a stream: gRPC OK and an HTTP status of 400 or more (STREAM-2). */
export class RefusedStreamError extends RuntimeClientError {
  override readonly name = 'RefusedStreamError';
  readonly code = 'STREAM_REFUSED';
  /** The HTTP status, 400 to 599. */
  readonly status: number;
  /** The header fields of the response, where the runtime gives a head. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, headers: Readonly<Record<string, string>>) {
    super(`the stream was refused with status ${status}`);
    this.status = status;
    this.headers = headers;
  }
}

/** A stream ended with gRPC OK and without a `done` chunk: what came before it is not all (CLIENT-8). */
export class TruncatedStreamError extends RuntimeClientError {
  override readonly name = 'TruncatedStreamError';
  readonly code = 'STREAM_TRUNCATED';
  override readonly retryable = true;
  /** How many bytes of data arrived. */
  readonly receivedBytes: number;

  constructor(receivedBytes: number) {
    super(`the stream ended after ${receivedBytes} bytes of data, without a done chunk`);
    this.receivedBytes = receivedBytes;
  }
}

/** The runtime sent something that the contract rules out, and that cannot be understood in another way. */
export class ContractViolationError extends RuntimeClientError {
  override readonly name = 'ContractViolationError';
  readonly code = 'CONTRACT_VIOLATION';
}

/** A session's request was answered with an HTTP status of 400 or more. */
export class HttpStatusError extends RuntimeClientError {
  override readonly name = 'HttpStatusError';
  readonly code = 'HTTP_STATUS';
  readonly status: number;
  /** The JSON-RPC error that came with it, where one did. */
  readonly jsonRpcError: JsonRpcErrorObject | undefined;

  constructor(call: string, status: number, jsonRpcError?: JsonRpcErrorObject) {
    super(`${call} was answered with status ${status}${jsonRpcError ? `: ${jsonRpcError.message}` : ''}`);
    this.status = status;
    this.jsonRpcError = jsonRpcError;
  }
}

/** The error member of a JSON-RPC error response. */
export interface JsonRpcErrorObject {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** A session's request was answered with a JSON-RPC error and a status below 400. */
export class JsonRpcResponseError extends RuntimeClientError {
  override readonly name = 'JsonRpcResponseError';
  readonly code = 'JSONRPC_ERROR';
  readonly error: JsonRpcErrorObject;

  constructor(call: string, error: JsonRpcErrorObject) {
    super(`${call} was answered with the JSON-RPC error ${error.code}: ${error.message}`);
    this.error = error;
  }
}
