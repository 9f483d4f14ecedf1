/**
 * The client side of the contract: a typed client for MCP runtimes that serve gRPC on a Unix domain
 * socket, and building blocks for gateways.
 */
export type { RequestRpc } from '../proto/index.ts';
export * from './auth-context.ts';
export type {
  BackoffOptions,
  KeepAliveOptions,
  RuntimeClientOptions,
  RuntimeClientSettings,
  RuntimePlace,
} from './client-options.ts';
export * from './errors.ts';
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
export * from './mcp-session.ts';
export type { AuthContext, RuntimeHealth, RuntimeRequest, RuntimeResponse } from './messages.ts';
export { type ErrorContext, toGatewayResponse } from './messages.ts';
export * from './request-from-http.ts';
export type * from './runtime-client.ts';
export * from './sse-parser.ts';
