import type { Socket } from 'node:net';
import { fromBinary } from '@bufbuild/protobuf';
import type { Server, ServerInterceptor, ServerOptions, StatusObject } from '@grpc/grpc-js';
import type { ServerCapabilities } from '@modelcontextprotocol/server';
import { type McpRequest, McpRequestSchema, type McpResponse } from '../proto/index.ts';
import type { CallScope, Catalog } from './catalog/catalog.ts';
import { callSignal, type IncomingCall } from './grpc/call-signal.ts';
import { leaveEndedCalls } from './grpc/ended-calls.ts';
import type { Handlers } from './grpc/handlers.ts';
import { keepLongDeadlines } from './grpc/long-deadlines.ts';
import { addService, messageLimits } from './grpc/serve-handlers.ts';
import { type ChunkHooks, dataChunks, headChunks, lastChunks, onlyChunks } from './grpc/stream-chunks.ts';
import { type Answer, responseOf } from './http/answer.ts';
import type { Call, CallHooks } from './http/call.ts';
import { checkFields, readMethod } from './http/fields.ts';
import { dropInternalHeaders, type RequestHeaders, readHeaders } from './http/headers.ts';
import { isEndpoint } from './http/path.ts';
import { checkProtocolVersion } from './http/protocol-version.ts';
import { type Caller, callerOf, type IdentityHooks, isExpired } from './identity/caller.ts';
import { decodeClaims } from './identity/claims.ts';
import type { RuntimeLimits } from './limits.ts';
import { type BegunRequest, beginRequest, isHandshake } from './mcp/begin-request.ts';
import { capabilitiesOf } from './mcp/bind-catalog.ts';
import {
  type ConnectionHooks,
  type Exchange,
  type McpConnection,
  namesRequest,
  writeMessage,
} from './mcp/connection.ts';
import { type IncomingMessage, parseMessage, type RequestMessage } from './mcp/envelope.ts';
import { resultResponse } from './mcp/json-rpc-error.ts';
import { misfitOf } from './mcp/params.ts';
import { shieldError } from './mcp/rpc-failure.ts';
import { frameEvent, type StreamEvent } from './mcp/sse.ts';
import { claimSocket, releaseSocket, type SocketClaim } from './process/socket-claim.ts';
import type { EventLog } from './session/event-log.ts';
import { scopeOfCall } from './session/open-session.ts';
import {
  checkOwner,
  checkScope,
  ownerOf,
  type Session,
  subscribersOf,
  withoutSession,
} from './session/session.ts';
import { newSessionId } from './session/session-id.ts';
import type { SessionStore } from './session/session-store.ts';

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
export interface RuntimeHooks extends CallHooks, IdentityHooks, ConnectionHooks, ChunkHooks {
  /** Decodes a request message. @throws Error for bytes that are not valid protobuf (RPC-3, RPC-4). */
  decodeRequest(bytes: Uint8Array): McpRequest;
  /** Whether a path is served (RPC-6, RPC-7). */
  isEndpoint(path: string): boolean;
  /** @throws RequestRefused for a revision that is not served (INIT-6). */
  checkProtocolVersion(headers: RequestHeaders): void;
  /** Reads a JSON-RPC message (JSONRPC-4 to -7). */
  parseMessage(body: Uint8Array): IncomingMessage;
  /** Whether a request opens a session (INIT-1). */
  isHandshake(call: Call, message: RequestMessage): boolean;
  /** Makes the id of the session that a request opens (SESSION-1). */
  newSessionId(request?: RequestMessage): string;
  /** Whether a handshake succeeded: then there is a session (INIT-4). */
  isNegotiated(connection: McpConnection): boolean;
  /** Whom a session belongs to (AUTH-2). */
  ownerOf(caller: Caller): string | null;
  /** What is declared to serve a catalog (MCP-2). */
  capabilitiesOf(catalog: Catalog): ServerCapabilities;
  /** @throws RequestRefused for a call that needs a session and names none (SESSION-3). */
  withoutSession(call: Call): Session;
  /** @throws RequestRefused where there is no such session (SESSION-2). */
  findSession(sessions: SessionStore, id: string): Session;
  /** @throws RequestRefused where the caller does not own the session (AUTH-2, AUTH-3). */
  checkOwner(session: Session, caller: Caller, call: Call): void;
  /** @throws RequestRefused where the scope is another one (SESSION-5). */
  checkScope(session: Session, serverId: string, call: Call): void;
  /** Ends a session at the wish of its owner (SESSION-4, SESSION-8). */
  endSession(sessions: SessionStore, session: Session): Promise<void>;
  /** What a tool sees of its caller (AUTH-9). */
  scopeOfCall(sessionId: string, caller: Caller, serverId: string): CallScope;
  /** Begins a request, which ends with its call (DEADLINE-2). */
  beginRequest(session: Session, call: Call, exchange: Exchange): BegunRequest;
  /** The sessions that are told of the change of a resource (MCP-10). */
  subscribersOf(sessions: Iterable<Session>, uri: string): Iterable<Session>;
  /** The event that a reader saw last, undefined where it does not say (RESUME-2). */
  lastEventIdOf(headers: RequestHeaders): string | undefined;
  /** The messages of a stream that followed an event (RESUME-2). */
  replay(log: EventLog, stream: number, sequence: number): readonly StreamEvent[] | undefined;
  /** Writes an event of a stream (STREAM-6, RESUME-1). */
  frameEvent(event: StreamEvent): string;
  /** The response message that carries an answer (ERROR-1). */
  responseOf(answer: Answer): McpResponse;
  /** Aborts when a call ends early (DEADLINE-1, DEADLINE-2, STREAM-10). */
  callSignal(call: IncomingCall): AbortSignal;
  /** What every call of gRPC passes before it is handled (DEADLINE-5, RPC-17). */
  readonly interceptors: readonly ServerInterceptor[];
  /** How large messages of gRPC may be (LIMIT-2 to -4). */
  messageLimits(limits: RuntimeLimits): ServerOptions;
  /** Lets a server serve the four methods (RPC-1, RPC-2). */
  addService(server: Server, handlers: Handlers): void;
  /** The answer to HealthCheck (HEALTH-1 to -6). */
  health(state: HealthState): HealthState;
  /** The gRPC status that a call ends with (ERROR-3, ERROR-4). */
  grpcStatus(status: Partial<StatusObject>): Partial<StatusObject>;
  /** Takes the socket path, or throws SocketUnavailable (LIFE-4 to -7). */
  claimSocket(path: string, accept: (connection: Socket) => void): Promise<SocketClaim>;
  /** Gives the socket path back (LIFE-8). */
  releaseSocket(claim: SocketClaim): Promise<void>;
}

/** The behaviours of the reference runtime. */
export const defaultHooks: RuntimeHooks = {
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
  misfitOf,
  namesRequest,
  writeResult: resultResponse,
  writeMessage,
  isHandshake,
  newSessionId,
  isNegotiated: ({ revision }) => revision !== undefined,
  ownerOf,
  capabilitiesOf,
  withoutSession,
  findSession: (sessions, id) => sessions.find(id),
  checkOwner,
  checkScope,
  endSession: (sessions, session) => sessions.end(session),
  scopeOfCall,
  beginRequest,
  subscribersOf,
  lastEventIdOf: (headers) => headers.get('last-event-id'),
  replay: (log, stream, sequence) => log.after(stream, sequence),
  frameEvent,
  headChunks,
  dataChunks,
  lastChunks,
  onlyChunks,
  responseOf,
  callSignal,
  interceptors: [keepLongDeadlines, leaveEndedCalls],
  messageLimits,
  addService,
  health: (state) => state,
  grpcStatus: (status) => status,
  claimSocket,
  releaseSocket,
};
