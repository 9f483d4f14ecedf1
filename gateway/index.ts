/** The gateway as a library: `createGateway`, and what brings HTTP requests to it. */
export type {
  AnonymousPolicy,
  Authentication,
  AuthenticationRequest,
  Authenticator,
} from './authentication/authenticator.ts';
export { type BearerOptions, bearerAuthenticator } from './authentication/bearer.ts';
export { KeySetError, keySetFromFile, keySetFromUrl } from './authentication/key-set.ts';
export { claimsOf } from './authentication/token-claims.ts';
export type { GatewayAnswer, GatewayRequest } from './exchange.ts';
export { type Fallback, type FallbackReason, fallbackHeader } from './fallback/fallback.ts';
export { type HttpFallbackOptions, httpFallback } from './fallback/http-fallback.ts';
export { type FetchHandler, fetchHandler, type PeerInfo } from './fetch-handler.ts';
export { createGateway, Gateway } from './gateway.ts';
export { loopbackHosts } from './host-check.ts';
export { defaultGatewayLimits, type GatewayLimits } from './limits.ts';
export type { ListenOptions } from './node/listen.ts';
export { type NodeHandler, nodeHandler } from './node/node-handler.ts';
export { type GatewayServer, serveGateway } from './node/serve-gateway.ts';
export { type MetricsServer, serveMetrics } from './node/serve-metrics.ts';
export type { GatewayLogger, GatewayOptions } from './options.ts';
export { GatewayRefusal, type RefusalCode } from './refusal.ts';
export { grpcRuntime, type RuntimePlace } from './runtime/grpc-runtime.ts';
export { httpRuntime } from './runtime/http-runtime.ts';
export type { OpenedStream, RuntimeConnection } from './runtime/runtime-connection.ts';
