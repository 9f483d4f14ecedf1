export type { RequestRpc } from '../proto/index.ts';
/**
 * The calling side of the contract: a typed client for MCP runtimes behind gRPC, and the parts that a gateway needs
 * around it.
 */
export { type AuthClaims, encodeAuthContext } from './auth-context.ts';
export type {
  BackoffOptions,
  KeepAliveOptions,
  RuntimeClientOptions,
  RuntimeClientSettings,
} from './client-options.ts';
export {
  AbortError,
  ClientClosedError,
  ContractViolationError,
  DeadlineError,
  type DeadlineKind,
  type GrpcStatusName,
  HttpStatusError,
  type JsonRpcErrorObject,
  JsonRpcResponseError,
  RefusedStreamError,
  RuntimeCallError,
  RuntimeClientError,
  type RuntimeClientErrorCode,
  TruncatedStreamError,
} from './errors.ts';
export { createRuntimeClient } from './grpc-runtime-client.ts';
export {
  type HeaderPair,
  type HeaderSource,
  headerPairs,
  headersForRuntime,
  hopByHop,
} from './header-policy.ts';
export {
  isJsonRpcRequest,
  isJsonRpcResponse,
  type JsonRpcFailure,
  type JsonRpcId,
  type JsonRpcMessage,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type JsonRpcResult,
  jsonRpcMessagesOf,
} from './json-rpc.ts';
export {
  type McpRequestOptions,
  type McpServerDescription,
  McpSession,
  type McpSessionOptions,
  type McpStreamOptions,
} from './mcp-session.ts';
export {
  type AuthContext,
  type RuntimeHealth,
  type RuntimeRequest,
  type RuntimeResponse,
  toGatewayResponse,
} from './messages.ts';
export {
  type FallbackReason,
  type HttpRequestDescription,
  type HttpRequestTranslation,
  isLoopbackAddress,
  requestFromHttp,
} from './request-from-http.ts';
export type {
  CallOptions,
  RuntimeClient,
  RuntimeStream,
  StreamHead,
  StreamOptions,
} from './runtime-client.ts';
export { type SseEvent, SseParser, type SseParserOptions, sseEvents } from './sse-parser.ts';
