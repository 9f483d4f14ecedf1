import type { HostileTargets } from '../hostile-target.ts';
import { answerTargets } from './answers.ts';
import { connectionTargets } from './connections.ts';
import { grpcTargets } from './grpc.ts';
import { http2Targets } from './http2.ts';
import { processTargets } from './processes.ts';
import { textTargets } from './texts.ts';

/** All hostile targets by name. */
export const hostileTargets: HostileTargets = {
  ...connectionTargets,
  ...http2Targets,
  ...grpcTargets,
  ...answerTargets,
  ...textTargets,
  ...processTargets,
};
