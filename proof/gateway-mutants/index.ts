import { answerMutants } from './answers.ts';
import { callMutants } from './calls.ts';
import { failureMutants } from './failures.ts';
import { fieldMutants } from './fields.ts';
import type { GatewayMutant } from './gateway-mutant.ts';
import { identityMutants } from './identity.ts';
import { limitMutants } from './limits.ts';
import { streamMutants } from './streams.ts';

/** Every mutant of the gateway, family by family. */
export const gatewayMutants: readonly GatewayMutant[] = [
  ...callMutants,
  ...fieldMutants,
  ...identityMutants,
  ...answerMutants,
  ...streamMutants,
  ...failureMutants,
  ...limitMutants,
];
