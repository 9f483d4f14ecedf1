import { attacks as allAttacks } from './hostile/attacks.ts';

/** How the callers of a target are measured. */
export interface TenantsPlan {
  /** Number of rounds. Each has a quiet and a hostile slice. */
  readonly rounds: number;
  /** Measured time of a slice, in milliseconds. */
  readonly sliceMs: number;
  /** Calls of the honest caller per second. */
  readonly ratePerS: number;
  /** Names of the attacks of the hostile tenant. */
  readonly attacks: readonly string[];
  /** Whether the ratio of the latencies decides. Otherwise only failed calls do. */
  readonly ratioDecides: boolean;
}

/** Enough calls for a stable p99: 60 of them are slower than it, in each of both phases. */
const attacks = allAttacks.map(({ name }) => name);

export const wholePlan: TenantsPlan = {
  rounds: 5,
  sliceMs: 6_000,
  ratePerS: 200,
  attacks,
  ratioDecides: true,
};

/** For the gate. Its verdict does not depend on the speed of the machine. */
export const shortPlan: TenantsPlan = {
  rounds: 1,
  sliceMs: 4_000,
  ratePerS: 100,
  attacks,
  ratioDecides: false,
};
