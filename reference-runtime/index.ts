/** The reference runtime as a library: `createRuntime`, `listen`, `close`. */

export {
  rawRequestServiceDefinition,
  type ServiceDefinitionOf,
  serviceDefinition,
} from '../proto/grpc-service.ts';
export {
  type CallScope,
  type Catalog,
  type CompletionSubject,
  type LogMessage,
  type PromptEntry,
  type ResourceShelf,
  type ToolContext,
  type ToolEntry,
  ToolFailure,
} from './catalog/catalog.ts';
export { catalogs } from './catalog/index.ts';
export type { CatalogName } from './catalog/names.ts';
export { CallRefused } from './failures/call-refused.ts';
export { type CategoryMapping, categoryMappings, type FailureCategory } from './failures/category.ts';
export { RequestRefused } from './failures/request-refused.ts';
export { defaultHooks, type HealthState, type RuntimeHooks } from './hooks.ts';
export type { AnonymousPolicy, Caller } from './identity/caller.ts';
export type { AuthClaims } from './identity/claims.ts';
export { defaultLimits, type RuntimeLimits } from './limits.ts';
export type { Logger } from './logger.ts';
export { SocketUnavailable } from './process/socket-claim.ts';
export {
  type CloseOptions,
  createRuntime,
  Runtime,
  type RuntimeMode,
  type RuntimeOptions,
  runtimeCapabilities,
} from './runtime.ts';
