import { type GrpcHooks, grpcHooks } from './grpc/handlers.ts';
import { type SocketHooks, socketHooks } from './process/socket-claim.ts';
import { type ServiceHooks, serviceHooks } from './service/service.ts';
import { type Session, subscribersOf } from './session/session.ts';

/**
 * The behaviours that a runtime is composed of, each a small function with a clause behind it. Every room declares its
 * own; only the runtime, which composes them, and the proof, which replaces one to plant a fault, see them all.
 */
export interface RuntimeHooks extends GrpcHooks, ServiceHooks, SocketHooks {
  /** The sessions that subscribed to a resource (MCP-10). */
  subscribersOf(sessions: Iterable<Session>, uri: string): Iterable<Session>;
}

/** The behaviours of the reference runtime. */
export const defaultHooks: RuntimeHooks = { ...grpcHooks, ...serviceHooks, ...socketHooks, subscribersOf };
