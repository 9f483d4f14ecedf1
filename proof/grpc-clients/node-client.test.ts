import { status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { awaitReady } from '../../conformance/drivers/runtime/ready.ts';
import { createEmbeddedRunner } from '../../runners/embedded/runner.ts';
import { endAtDeadline, nodeGrpcClient } from './node-client.ts';

test('grpc-js makes all calls to the reference runtime', async () => {
  await using runner = createEmbeddedRunner();
  const signal = AbortSignal.timeout(20_000);
  await using instance = await runner.launch({ signal });
  await awaitReady(instance, { timeoutMs: 20_000, signal });
  const { address } = instance;
  if (address.kind !== 'unix') throw new Error('the embedded runtime has no Unix socket');
  const steps = ['health', 'initialize', 'ping', 'metadata', 'stream', 'large', 'concurrent'];
  const client = await nodeGrpcClient();
  expect(await client.check(address.path)).toEqual(
    [...steps, 'deadline', 'cancel', 'close'].map((step) => ({ step })),
  );
});

test('a reset at the deadline counts as its end, and an earlier one does not', () => {
  expect(endAtDeadline(status.CANCELLED, 500)).toBe(status.DEADLINE_EXCEEDED);
  expect(endAtDeadline(status.CANCELLED, 480)).toBe(status.CANCELLED);
  expect(endAtDeadline(status.UNAVAILABLE, 600)).toBe(status.UNAVAILABLE);
});
