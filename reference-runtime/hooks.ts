import { grpcHooks } from './grpc/handlers.ts';
import { httpHooks } from './http-socket/http-hooks.ts';
import { socketHooks } from './process/socket-claim.ts';
import { serviceHooks } from './service/service.ts';
import { subscribersOf } from './session/session.ts';

/**
 * All hooks of a runtime. A hook is a small function that implements a clause. Each folder declares its own hooks. Only
 * the runtime, which composes them, and the faults in proof/, which replace them, see them all.
 */
export const defaultHooks = { ...grpcHooks, ...httpHooks, ...serviceHooks, ...socketHooks, subscribersOf };

/** The type of all hooks of a runtime. */
export type RuntimeHooks = Readonly<typeof defaultHooks>;
