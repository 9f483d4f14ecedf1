/** The reference runtime as a library. Create one with `createRuntime`, then call `listen` and `close`. */

export {
  rawRequestServiceDefinition,
  type ServiceDefinitionOf,
  serviceDefinition,
} from '../proto/grpc-service.ts';
export {
  type CallScope,
  type Catalog,
  type CatalogName,
  type CompletionSubject,
  type LogMessage,
  type PromptEntry,
  type ResourceShelf,
  type ToolContext,
  type ToolEntry,
  ToolFailure,
} from './catalog/catalog.ts';
export { catalogs } from './catalog/index.ts';
export * from './failures/call-refused.ts';
export { RequestRefused, refused } from './failures/request-refused.ts';
export { callerOf, type HostedAuthInfo, type ServerFactory } from './hosting/hosted-server.ts';
export { type StdioServer, type StdioServerOptions, stdioServer } from './hosting/stdio-server.ts';
export type { AnonymousPolicy, Caller } from './identity/caller.ts';
export type { AuthClaims } from './identity/claims.ts';
export type { ConnectableServer } from './mcp/sdk-link.ts';
export type { SessionContext } from './mcp/server-link.ts';
export * from './options.ts';
export { type ServeOptions, serve } from './process/run.ts';
export { SocketUnavailable } from './process/socket-claim.ts';
export { createRuntime, Runtime } from './runtime.ts';
export * from './runtime-options.ts';
