import { expect, test } from 'vitest';
import { drain } from './disturbances/ends.ts';
import { allFaults } from './faults.ts';
import { runChaos } from './run-chaos.ts';

// The built programs run. `npm test` builds them first.
test('each invariant notices the faults of a gateway', { timeout: 180_000 }, async () => {
  const plan = { durationMs: 6_000, callers: 80, seed: 1, settleMs: 1, disturbances: [drain] };
  const result = await runChaos(
    { ...plan, runtimes: ['typescript', 'typescript'], gateway: allFaults },
    { progress: () => undefined, signal: new AbortController().signal },
  );
  const noticed = result.invariants.map(({ name, violations }) => [name, violations > 0]);
  expect(Object.fromEntries(noticed)).toEqual({
    identity: true,
    retention: true,
    deadline: true,
    honesty: true,
    memory: true,
    crashes: true,
    recovery: true,
    cleanup: true,
  });
});
