#!/usr/bin/env node
import { join, relative } from 'node:path';
import { packageRoot } from '../../base/package.ts';
import { runSuite } from '../../conformance/drivers/runtime/run-suite.ts';
import type { StepObservation } from '../../conformance/drivers/runtime/step-context.ts';
import { loadFixtures } from '../../conformance/load/load.ts';
import { FixtureError } from '../../conformance/load/yaml-file.ts';
import { createEmbeddedRunner } from '../../runners/embedded/runner.ts';
import { RecordError } from './goldens.ts';
import { recordFixtures } from './record-fixtures.ts';

/** Several runs tell what stays the same from what varies. */
const runs = 2;

/**
 * `npm run record`: runs every case against the reference runtime and writes the literals under `expect` anew where they
 * differ from what came back. What it changed is for a person to review.
 */
async function record(): Promise<void> {
  const directory = join(packageRoot(), 'fixtures');
  const { cases, identities } = await loadFixtures({ directory });
  const observed: StepObservation[] = [];
  const incomplete: string[] = [];
  for (let round = 0; round < runs; round += 1) {
    await using runner = createEmbeddedRunner({ catalog: 'conformance' });
    const { results } = await runSuite({
      runner,
      cases,
      identities,
      settings: { level: 'strict', capabilities: [], narrowed: false, failOnSkip: false },
      concurrency: 4,
      readyTimeoutMs: 30_000,
      bail: false,
      keepWire: false,
      knownFailures: new Map(),
      signal: new AbortController().signal,
      listener: {},
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
  console.log(count === 0 ? 'nothing differs' : `${count} places written anew; review them with git diff`);
  for (const line of new Set(incomplete)) console.error(`not recorded to its end: ${line}`);
  if (incomplete.length > 0) process.exitCode = 1;
}

try {
  await record();
} catch (error) {
  if (!(error instanceof FixtureError || error instanceof RecordError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
