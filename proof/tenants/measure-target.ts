import { awaitReady } from '../../conformance/drivers/runtime/ready.ts';
import { createRunner, type Target } from '../../runners/kinds.ts';
import type { Address } from '../../runners/runner.ts';
import { HonestCaller, type Measured, mergeMeasured } from './honest-caller.ts';
import { startHostileTenant } from './hostile/start-hostile.ts';
import { addTallies, type Tallies } from './hostile/tally.ts';
import type { TenantsPlan } from './plan.ts';

/** The measurements of a target. */
export interface TenantsResult {
  /** The honest caller alone. */
  readonly quiet: Measured;
  /** The honest caller beside the hostile tenant. */
  readonly hostile: Measured;
  readonly tallies: Tallies;
  /** Failures of the attacks themselves. */
  readonly problems: readonly string[];
}

const readyMs = 30_000;
/** Time by which the hostile tenant may outlast a slice, if nobody stops it. */
const graceMs = 60_000;
/** Time that the attacks get before the measurement, so that sessions and streams are open. */
const attackLeadMs = 500;

/**
 * Starts a target, and measures the honest caller alone and beside the hostile tenant. Both take turns, so that a busy
 * machine slows down both.
 * @throws RunnerError, TargetError, PreparationError, ThreadError
 */
export async function measureTarget(target: Target, plan: TenantsPlan): Promise<TenantsResult> {
  const signal = AbortSignal.timeout(10 * 60_000);
  await using runner = await createRunner(target);
  await using instance = await runner.launch({ signal });
  await awaitReady(instance, { timeoutMs: readyMs, signal });
  const { address } = instance;
  await using caller = await HonestCaller.open(address);
  const { sliceMs, ratePerS, rounds } = plan;
  // The first calls of a process are slower than all others.
  await caller.measure(sliceMs / 2, ratePerS);
  const quiet: Measured[] = [];
  const hostile: Measured[] = [];
  const tallies: Tallies = {};
  const problems: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    quiet.push(await caller.measure(sliceMs, ratePerS));
    const attacked = await measureAttacked(caller, address, plan);
    hostile.push(attacked.measured);
    addTallies(tallies, attacked.tallies);
    if (attacked.problem !== undefined) problems.push(attacked.problem);
  }
  return { quiet: mergeMeasured(quiet), hostile: mergeMeasured(hostile), tallies, problems };
}

async function measureAttacked(
  caller: HonestCaller,
  address: Address,
  { sliceMs, ratePerS, attacks }: TenantsPlan,
) {
  await using tenant = startHostileTenant({ address, attacks, limitMs: sliceMs + attackLeadMs + graceMs });
  const measured = await caller.measure(sliceMs, ratePerS);
  return { measured, ...(await tenant.stop()) };
}
