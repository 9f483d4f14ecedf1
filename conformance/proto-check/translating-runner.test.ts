import { expect, test } from 'vitest';
import { createEmbeddedRunner } from '../../runners/embedded/runner.ts';
import { runSuite } from '../drivers/runtime/run-suite.ts';
import { judge } from '../judge/verdict.ts';
import { loadOwnFixtures } from '../load/compiled.ts';
import { createTranslatingRunner } from './translating-runner.ts';
import type { TranslatedCall } from './translation.ts';

// A proxy could break resets, deadlines, raw bytes and long streams.
/** Clauses about the connection itself, which is one to the proxy. */
const aboutConnections = ['RPC-18', 'RPC-21'];
const suites = ['deadlines', 'grpc-wire', 'streams', 'stream-post', 'calls-at-once'];

test('does not affect cases if it translates nothing', { timeout: 60_000 }, async () => {
  const { cases, identities } = await loadOwnFixtures();
  const same = (bytes: Uint8Array): Uint8Array => bytes;
  await using inner = createEmbeddedRunner({ catalog: 'conformance' });
  const runner = createTranslatingRunner(inner, (path): TranslatedCall => {
    return { kind: 'served', path, request: same, response: same };
  });
  const run = await runSuite({
    runner,
    cases: cases.filter(
      ({ suite, clauses: [main = ''] }) => suites.includes(suite) && !aboutConnections.includes(main),
    ),
    identities,
    settings: { level: 'strict', capabilities: [], narrowed: true, failOnSkip: true },
    concurrency: 8,
    readyTimeoutMs: 30_000,
    keepWire: false,
    knownFailures: new Map(),
    signal: new AbortController().signal,
    listener: {},
  });
  const failed = run.results.filter(({ outcome }) => outcome.kind !== 'passed');
  expect(failed.map(({ case: { id }, outcome }) => [id, outcome])).toEqual([]);
  expect(judge(run).exitCode).toBe(0);
});

test('reports an unreachable target and leaves no files', { timeout: 60_000 }, async () => {
  const { cases, identities } = await loadOwnFixtures();
  await using inner = createEmbeddedRunner({ catalog: 'conformance' });
  const runner = createTranslatingRunner(inner, () => ({ kind: 'gone' }));
  await expect(
    runSuite({
      runner,
      cases: cases.slice(0, 1),
      identities,
      settings: { level: 'core', capabilities: [], narrowed: true, failOnSkip: false },
      concurrency: 1,
      readyTimeoutMs: 1_500,
      keepWire: false,
      knownFailures: new Map(),
      signal: new AbortController().signal,
      listener: {},
    }),
  ).rejects.toThrow('HealthCheck ended with UNIMPLEMENTED');
});
