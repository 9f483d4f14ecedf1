import { gatewayKind } from './gateway-subject.ts';
import { goKind } from './go-subject.ts';
import { runtimeKind, variationKind } from './runtime-subject.ts';
import type { Kind } from './subject.ts';

/** Names of the kinds of faults on the command line of `npm run prove`. */
export type FaultKind = 'runtime' | 'gateway' | 'variations' | 'go';

/** All kinds of faults by name. */
export const faultKinds: Readonly<Record<FaultKind, Kind>> = {
  runtime: runtimeKind,
  gateway: gatewayKind,
  variations: variationKind,
  go: goKind,
};
