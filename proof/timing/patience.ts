import { markdownTable } from '../docs/markdown-table.ts';
import { checkOurGateway } from '../harness/gateway-subject.ts';
import { patientGateway } from './patient-gateway.ts';

/** Maximum duration of a run, in minutes. */
const maxMinutes = 5;

/**
 * Measures the duration of the gateway cases against a gateway that never gives up, so that every wait takes its whole
 * time limit. Prints the slowest cases.
 * @returns the exit code: 0 if the run took minutes at most, else 1
 */
export async function patience(): Promise<number> {
  const { results, durationMs } = await checkOurGateway(patientGateway);
  const failed = results.filter(({ outcome }) => outcome.kind === 'failed' || outcome.kind === 'blocked');
  const slowest = results.toSorted((one, other) => other.durationMs - one.durationMs).slice(0, 20);
  const rows = slowest.map((each) => [
    (each.durationMs / 1_000).toFixed(1),
    each.case.id,
    'failure' in each.outcome ? each.outcome.failure.summary : each.outcome.kind,
  ]);
  console.log(markdownTable(['seconds', 'case', 'outcome'], rows));
  const seconds = (durationMs / 1_000).toFixed(1);
  console.log(`\n${results.length} cases took ${seconds} s, ${failed.length} failed or were blocked.`);
  return durationMs <= maxMinutes * 60_000 ? 0 : 1;
}
