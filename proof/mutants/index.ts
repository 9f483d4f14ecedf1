import { callMutants } from './calls.ts';
import { failureMutants } from './failures.ts';
import { handshakeMutants } from './handshake.ts';
import { headerMutants } from './headers.ts';
import { identityMutants } from './identity.ts';
import { jsonRpcMutants } from './json-rpc.ts';
import { lifeMutants } from './life.ts';
import { limitMutants } from './limits.ts';
import { mcpMutants } from './mcp.ts';
import type { Mutant } from './mutant.ts';
import { resumeMutants } from './resume.ts';
import { sessionMutants } from './sessions.ts';
import { streamHeadMutants } from './stream-head.ts';
import { streamPostMutants } from './stream-post.ts';
import { streamMutants } from './streams.ts';
import { wireMutants } from './wire.ts';

/** Every mutant, family by family. */
export const mutants: readonly Mutant[] = [
  ...lifeMutants,
  ...callMutants,
  ...wireMutants,
  ...failureMutants,
  ...jsonRpcMutants,
  ...handshakeMutants,
  ...sessionMutants,
  ...identityMutants,
  ...headerMutants,
  ...streamMutants,
  ...streamHeadMutants,
  ...streamPostMutants,
  ...resumeMutants,
  ...limitMutants,
  ...mcpMutants,
];
