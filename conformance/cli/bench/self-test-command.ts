import { count, latencyText } from '../../bench/figures.ts';
import { isInSelfTest, selfTest } from '../../bench/self-test/self-test.ts';
import { workloads } from '../../bench/workloads/index.ts';
import type { Palette } from '../../report/palette.ts';
import type { CommandContext } from '../command-context.ts';
import type { BenchRequest } from './bench-options.ts';

/** Prints the limits of the load generator itself. @returns the exit code: 1 if an operation failed */
export async function selfTestCommand(
  { plan }: BenchRequest & { kind: 'self-test' },
  { output, palette, signal }: CommandContext & { readonly palette: Palette },
): Promise<number> {
  const head = `${'workload'.padEnd(14)}${'ops/s'.padStart(10)}${'p50 ms'.padStart(9)}${'p99 ms'.padStart(9)}${'busy'.padStart(8)}`;
  output.write(`${palette.strong('the load generator against a canned responder in the same process')}\n`);
  output.write(`${palette.faint(head)}\n`);
  let errors = 0;
  const all = workloads.map(({ name }) => name).filter(isInSelfTest);
  const chosen = plan.workloads.filter(isInSelfTest);
  await selfTest({ ...plan, workloads: chosen.length > 0 ? chosen : all }, signal, (limit) => {
    errors += limit.errors;
    const cells = [
      count(limit.operationsPerS).padStart(10),
      latencyText(limit.p50Us).padStart(9),
      latencyText(limit.p99Us).padStart(9),
      `${Math.round(limit.busy * 100)} %`.padStart(8),
    ];
    output.write(`${limit.workload.padEnd(14)}${cells.join('')}\n`);
  });
  if (errors > 0) output.write(`${palette.bad(`${errors} operations failed`)}\n`);
  return errors > 0 ? 1 : 0;
}
