import { grpcHooks } from './grpc/handlers.ts';
import { socketHooks } from './process/socket-claim.ts';
import { serviceHooks } from './service/service.ts';
import { subscribersOf } from './session/session.ts';

/**
 * The behaviours that a runtime is composed of, each a small function with a clause behind it. Every room declares its
 * own; only the runtime, which composes them, and the proof, which replaces one to plant a fault, see them all.
 */
export const defaultHooks = { ...grpcHooks, ...serviceHooks, ...socketHooks, subscribersOf };

/** All behaviours of a runtime. */
export type RuntimeHooks = Readonly<typeof defaultHooks>;
