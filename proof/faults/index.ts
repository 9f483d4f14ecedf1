import type { GatewayFault, RuntimeFault } from '../harness/fault.ts';
import * as gateway from './gateway/index.ts';
import * as runtime from './runtime/index.ts';
import * as permitted from './variations/index.ts';

/** Exported lists, such as `sessionFaults` from `session.ts`, keyed by subject and export name. */
export const lists = { runtime, variations: permitted, gateway };

/** The faults of the reference runtime. */
export const runtimeFaults: readonly RuntimeFault[] = Object.values(runtime).flat();

/** The permitted variations of the reference runtime. */
export const variations: readonly RuntimeFault[] = Object.values(permitted).flat();

/** The faults of our gateway. */
export const gatewayFaults: readonly GatewayFault[] = Object.values(gateway).flat();
