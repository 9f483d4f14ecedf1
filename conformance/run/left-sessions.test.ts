import { expect, test } from 'vitest';
import { createEmbeddedRunner } from '../../runners/embedded.ts';
import { createSocketRunner } from '../../runners/socket.ts';
import { loadOwnFixtures } from '../fixture/compiled.ts';
import { awaitReady } from './ready.ts';
import { runSuite } from './run.ts';

test('a target that lives on keeps no session of a run', { timeout: 60_000 }, async () => {
  const { cases, identities } = await loadOwnFixtures();
  const { signal } = new AbortController();
  // No room for all that these cases make.
  await using owner = createEmbeddedRunner({ environment: { MCP_RUNTIME_MAX_SESSIONS: '12' } });
  await using instance = await owner.launch({ signal });
  await awaitReady(instance, { timeoutMs: 20_000, signal });
  if (instance.address.kind !== 'unix') throw new Error('the embedded runtime listens on a socket');
  await using runner = createSocketRunner({ path: instance.address.path });
  const run = await runSuite({
    runner,
    cases: cases.filter(({ suite }) => suite === 'sessions' || suite === 'handshake'),
    identities,
    settings: { level: 'strict', capabilities: [], narrowed: true, failOnSkip: true },
    concurrency: 1,
    readyTimeoutMs: 20_000,
    bail: false,
    keepWire: false,
    knownFailures: new Map(),
    signal,
    listener: {},
  });
  expect(run.results.length).toBeGreaterThan(24);
  const others = run.results.filter(({ outcome }) => outcome.kind !== 'passed');
  expect(others.map(({ case: { id }, outcome }) => [id, outcome])).toEqual([]);
});
