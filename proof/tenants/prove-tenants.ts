import { UsageError } from '../../conformance/plan/usage-error.ts';
import { describeTarget } from '../../runners/kinds.ts';
import { markdownTable } from '../docs/markdown-table.ts';
import { runtimeTargets } from '../runtime-targets.ts';
import { type Measured, percentileMs } from './honest-caller.ts';
import { describeTally } from './hostile/tally.ts';
import { measureTarget, type TenantsResult } from './measure-target.ts';
import { shortPlan, type TenantsPlan, wholePlan } from './plan.ts';

import { floorMs, problemsOf, ratioOf } from './verdict.ts';

/** Options of `prove tenants`. */
export interface TenantsRequest {
  /** Names of targets. An empty list selects the embedded runtime and all targets of the configuration. */
  readonly targets: readonly string[];
  /** Measures for a few seconds. Then only failed calls decide. */
  readonly short?: boolean;
  /** Names of attacks, to find out which one slows down a target. Default: all. */
  readonly attack?: readonly string[];
}

/** The largest permitted ratio: of a runtime that can use all processors, and of one with a single thread. */
const factor = 3;
const singleThreadFactor = 10;
const singleThreaded = /reference.runtime/;

/**
 * Lets an honest caller call each target at a steady rate, first alone and then beside a hostile tenant. No call may fail,
 * and the p99 of the latency may only grow by a factor.
 * @returns the exit code: 0 if all targets pass, else 1
 * @throws UsageError
 */
export async function proveTenants(
  { targets, short = false, attack = [] }: TenantsRequest,
  tell: (problem: string) => void,
): Promise<number> {
  const plan = planOf(short, attack);
  let exitCode = 0;
  for (const target of await runtimeTargets(targets)) {
    const label = describeTarget(target);
    const bar = { factor: singleThreaded.test(label) ? singleThreadFactor : factor, ...plan };
    const result = await measureTarget(target, plan);
    const problems = problemsOf(result, bar);
    process.stdout.write(`${problems.length === 0 ? 'ok    ' : 'FAILED'}  ${label}\n\n${describe(result)}\n`);
    process.stdout.write(`p99 grew by the factor ${ratioOf(result).toFixed(1)}; `);
    process.stdout.write(
      plan.ratioDecides
        ? `permitted are ${bar.factor}. A quiet p99 below ${floorMs} ms counts as ${floorMs} ms.\n\n`
        : 'this short run does not judge it.\n\n',
    );
    for (const problem of problems) {
      process.stdout.write(`        ${problem}\n`);
      tell(`${label}: ${problem}`);
      exitCode = 1;
    }
  }
  return exitCode;
}

/** @throws UsageError */
function planOf(short: boolean, selected: readonly string[]): TenantsPlan {
  const plan = short ? shortPlan : wholePlan;
  const unknown = selected.find((name) => !plan.attacks.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`there is no attack ${unknown}; the attacks are ${plan.attacks.join(', ')}`);
  }
  return selected.length === 0 ? plan : { ...plan, attacks: selected };
}

function describe({ quiet, hostile, tallies }: TenantsResult): string {
  const head = ['honest caller', 'calls', 'p50', 'p90', 'p99', 'slowest'];
  const table = markdownTable(head, [row('alone', quiet), row('beside the hostile tenant', hostile)]);
  const attacks = Object.entries(tallies).map(([name, tally]) => `- ${name}: ${describeTally(tally)}`);
  return `${table}\n\nThe hostile tenant:\n\n${attacks.join('\n')}\n`;
}

function row(name: string, measured: Measured): readonly string[] {
  const shares = [0.5, 0.9, 0.99, 1].map((share) => `${percentileMs(measured, share).toFixed(2)} ms`);
  return [name, `${measured.calls}`, ...shares];
}
