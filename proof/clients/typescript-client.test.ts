import { expect, test } from 'vitest';
import { startGateway } from '../official/gateway-process.ts';
import { typescriptClient } from './typescript-client.ts';

test.each([
  ['modern-filter-ignored', 'subscription', 'the changes: expected'],
  ['modern-logs-of-every-level', 'logging', 'the levels of the log messages'],
  ['modern-versions-of-sessions-only', 'discover', 'expected "2026-07-28", got "2025-11-25"'],
])('fails before a runtime with the fault %s, in the step %s', async (fault, step, message) => {
  const command = `node dist/proof/harness/faulty-runtime.js ${fault}`;
  await using gateway = await startGateway(['--command', command]);
  const outcomes = await typescriptClient('2').check(gateway.url, 'modern');
  const failed = outcomes.filter(({ problem }) => problem !== undefined);
  expect(failed).toEqual([{ step, problem: expect.stringContaining(message) }]);
});
