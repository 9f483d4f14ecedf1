/** The gateway as a library: `createGateway`, and handlers that pass HTTP requests to it. */
export { type Signal, toAbortSignal } from '../base/signal.ts';
export type { RuntimePlace } from '../client/index.ts';
export type { RefusalRecord } from './audit.ts';
export type {
  AnonymousPolicy,
  Authentication,
  AuthenticationRequest,
  Authenticator,
} from './authentication/authenticator.ts';
export { type BearerOptions, bearerAuthenticator } from './authentication/bearer.ts';
export { claimsOf, type OwnerClaim } from './authentication/claims.ts';
export {
  KeySetError,
  type KeySetUrlOptions,
  keySetFromFile,
  keySetFromUrl,
} from './authentication/key-set.ts';
export type { GatewayAnswer, GatewayRequest } from './exchange.ts';
export * from './fallback.ts';
export * from './fetch-handler.ts';
export { createGateway, Gateway } from './gateway.ts';
export { loopbackHosts } from './host-check.ts';
export { type NodeHandler, nodeHandler } from './node/node-handler.ts';
export {
  type GatewayServer,
  type ListenOptions,
  type MetricsServer,
  serveGateway,
  serveMetrics,
} from './node/serve.ts';
export {
  defaultGatewayLimits,
  type GatewayLimits,
  type GatewayLogger,
  type GatewayOptions,
} from './options.ts';
export { GatewayRefusal, type RefusalCode } from './refusal.ts';
export type { ProtectedResource } from './resource-metadata.ts';
export { grpcRuntime } from './runtime/grpc-runtime.ts';
export { httpRuntime } from './runtime/http-runtime.ts';
export type { OpenedStream, RuntimeConnection } from './runtime/runtime-connection.ts';
