import { join, relative } from 'node:path';
import { packageRoot } from '../../base/package.ts';
import type { StepObservation } from '../../conformance/drivers/runtime/step-context.ts';
import { loadFixtures } from '../../conformance/load/load.ts';
import { createEmbeddedRunner } from '../../runners/embedded/runner.ts';
import { runCases } from '../harness/run-cases.ts';
import { recordFixtures } from './record-fixtures.ts';

/** Number of runs. Values that differ between runs are not recorded. */
const runs = 2;

/**
 * Runs every case against the reference runtime and rewrites literals in `expect` if they differ from the observations.
 * Resolves to the exit code: 0, or 1 if a case did not pass.
 * @throws FixtureError
 * @throws RecordError
 */
export async function record(): Promise<number> {
  const directory = join(packageRoot(), 'fixtures');
  const { cases, identities } = await loadFixtures({ directory });
  const observed: StepObservation[] = [];
  const incomplete: string[] = [];
  for (let round = 0; round < runs; round += 1) {
    await using runner = createEmbeddedRunner({ catalog: 'conformance' });
    const { results } = await runCases(runner, {
      cases,
      identities,
      concurrency: 4,
      recorder: (seen) => observed.push(seen),
    });
    for (const { case: head, outcome } of results) {
      if (outcome.kind !== 'passed') incomplete.push(`${head.id}: ${outcome.kind}`);
    }
  }
  const recordings = await recordFixtures({ directory, observed });
  for (const { path, changes } of recordings) {
    for (const { line, caseId, path: pointer } of changes) {
      console.log(`${relative(packageRoot(), path)}:${line} ${caseId} ${pointer}`);
    }
  }
  const count = recordings.reduce((sum, { changes }) => sum + changes.length, 0);
  console.log(
    count === 0 ? 'all goldens are up to date' : `rewrote ${count} values; review them with git diff`,
  );
  for (const line of new Set(incomplete)) console.error(`not fully recorded: ${line}`);
  return incomplete.length > 0 ? 1 : 0;
}
