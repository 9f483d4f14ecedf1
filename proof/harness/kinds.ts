import { gatewayKind } from './gateway-subject.ts';
import { goKind } from './go-subject.ts';
import { runtimeKind, variationKind } from './runtime-subject.ts';
import type { Kind } from './subject.ts';

/** The words by which `npm run prove` knows kinds of faults. */
export type FaultKind = 'runtime' | 'gateway' | 'variations' | 'go';

/** Every kind of faults. */
export const faultKinds: Readonly<Record<FaultKind, Kind>> = {
  runtime: runtimeKind,
  gateway: gatewayKind,
  variations: variationKind,
  go: goKind,
};
