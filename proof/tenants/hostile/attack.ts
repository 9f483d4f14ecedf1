import type { HostileTenant } from './tenant.ts';

/** One way to disturb other tenants. */
export interface Attack {
  readonly name: string;
  /** Goes on until the signal aborts, and ends soon after it. */
  run(tenant: HostileTenant, signal: AbortSignal): Promise<void>;
}
