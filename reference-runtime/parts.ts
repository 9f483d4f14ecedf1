import type { Socket } from 'node:net';
import { fromBinary } from '@bufbuild/protobuf';
import type { StatusObject } from '@grpc/grpc-js';
import { type McpRequest, McpRequestSchema } from '../proto/index.ts';
import type { CallSteps } from './http/call.ts';
import { checkFields, readMethod } from './http/fields.ts';
import { dropInternalHeaders, type RequestHeaders, readHeaders } from './http/headers.ts';
import { isEndpoint } from './http/path.ts';
import { checkProtocolVersion } from './http/protocol-version.ts';
import { type Caller, callerOf, type IdentitySteps, isExpired } from './identity/caller.ts';
import { decodeClaims } from './identity/claims.ts';
import { type IncomingMessage, parseMessage } from './mcp/envelope.ts';
import type { RpcError } from './mcp/json-rpc-error.ts';
import { shieldError } from './mcp/rpc-failure.ts';
import { frameEvent, type StreamEvent } from './mcp/sse.ts';
import { claimSocket, releaseSocket, type SocketClaim } from './process/socket-claim.ts';
import type { EventLog } from './session/event-log.ts';
import { checkOwner, checkScope, type Session } from './session/session.ts';
import { newSessionId } from './session/session-id.ts';

/** What the answer to HealthCheck is made of. */
export interface HealthState {
  readonly status: 'ok' | 'stopping';
  readonly mode: string;
  readonly version: string;
  readonly capabilities: readonly string[];
}

/**
 * The behaviours that a runtime is composed of, each a small function with a clause behind it. A deliberately
 * broken runtime replaces one of them; nothing else does.
 */
export interface RuntimeParts extends CallSteps, IdentitySteps {
  /** Decodes a request message. @throws Error for bytes that are not valid protobuf (RPC-3, RPC-4). */
  decodeRequest(bytes: Uint8Array): McpRequest;
  /** Whether a path is served (RPC-6, RPC-7). */
  isEndpoint(path: string): boolean;
  /** @throws RequestRefused for a revision that is not served (INIT-6). */
  checkProtocolVersion(headers: RequestHeaders): void;
  /** Reads a JSON-RPC message (JSONRPC-4 to -7). */
  parseMessage(body: Uint8Array): IncomingMessage;
  /** The id token of the response to a request with this id token (JSONRPC-2). */
  responseId(token: string): string;
  /** Takes what is internal out of an error (ERROR-3). */
  shieldError(error: RpcError): RpcError;
  /** Makes the id of a session (SESSION-1). */
  newSessionId(): string;
  /** @throws RequestRefused where the caller does not own the session (AUTH-2, AUTH-3). */
  checkOwner(session: Session, caller: Caller): void;
  /** @throws RequestRefused where the scope is another one (SESSION-5). */
  checkScope(session: Session, serverId: string): void;
  /** The event that a reader saw last, undefined where it does not say (RESUME-2). */
  lastEventIdOf(headers: RequestHeaders): string | undefined;
  /** The messages of a stream that followed an event (RESUME-2). */
  replay(log: EventLog, stream: number, sequence: number): readonly StreamEvent[] | undefined;
  /** Writes an event of a stream (STREAM-6, RESUME-1). */
  frameEvent(event: StreamEvent): string;
  /** Cuts the bytes of a stream into the data of chunks. */
  chunk(bytes: Uint8Array, chunkBytes: number): Iterable<Uint8Array>;
  /** The answer to HealthCheck (HEALTH-1 to -6). */
  health(state: HealthState): HealthState;
  /** The gRPC status that a call ends with (ERROR-3, ERROR-4). */
  grpcStatus(status: Partial<StatusObject>): Partial<StatusObject>;
  /** Takes the socket path, or throws SocketUnavailable (LIFE-4 to -7). */
  claimSocket(path: string, accept: (connection: Socket) => void): Promise<SocketClaim>;
  /** Gives the socket path back (LIFE-8). */
  releaseSocket(claim: SocketClaim): Promise<void>;
}

function* chunk(bytes: Uint8Array, chunkBytes: number): Iterable<Uint8Array> {
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    yield bytes.subarray(start, start + chunkBytes);
  }
}

/** The behaviours of the reference runtime. */
export const defaultParts: RuntimeParts = {
  decodeRequest: (bytes) => fromBinary(McpRequestSchema, bytes),
  checkFields,
  readMethod,
  readHeaders,
  dropInternalHeaders,
  scopeOf: (request) => request.serverId,
  sessionIdOf: (request) => request.sessionId,
  isEndpoint,
  decodeClaims,
  isExpired,
  callerOf,
  checkProtocolVersion,
  parseMessage,
  responseId: (token) => token,
  shieldError,
  newSessionId,
  checkOwner,
  checkScope,
  lastEventIdOf: (headers) => headers.get('last-event-id'),
  replay: (log, stream, sequence) => log.after(stream, sequence),
  frameEvent,
  chunk,
  health: (state) => state,
  grpcStatus: (status) => status,
  claimSocket,
  releaseSocket,
};
