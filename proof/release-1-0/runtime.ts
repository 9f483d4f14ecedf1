import { serveChanged } from '../harness/start-runtime.ts';
import { release10Hooks } from './hooks.ts';

/** Hidden sessions serve one call each. */
const limits = { sessionIdleMs: 10_000, maxSessions: 1_000_000, maxSessionsPerCaller: 1_000_000 };

// Program that serves a runtime of contract release 1.0, which knows only the older name of the socket variable.
process.exit(
  await serveChanged({
    hooks: release10Hooks,
    options: { limits },
    process: (serve) => serve({ environment: { ...process.env, MCP_RUNTIME_GRPC_UDS: '' } }),
  }),
);
