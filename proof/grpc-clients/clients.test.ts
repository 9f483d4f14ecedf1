import { expect, test } from 'vitest';
import { createEmbeddedRunner } from '../../runners/embedded/runner.ts';
import { nodeGrpcClient, readOutcomes } from './clients.ts';

test('the output of a client has a line for each step', () => {
  const output = '{"step":"health","problem":null}\n{"step":"ping","problem":"a\\n  b"}\nno JSON\n';
  expect(readOutcomes(output)).toEqual([
    { step: 'health' },
    { step: 'ping', problem: 'a b' },
    { step: 'the output of the program', problem: expect.stringContaining('JSON') },
  ]);
});

test('grpc-js calls all RPCs of the reference runtime', async () => {
  await using runner = createEmbeddedRunner();
  await using instance = await runner.launch({ signal: AbortSignal.timeout(20_000) });
  const { address } = instance;
  if (address.kind !== 'unix') throw new Error('the embedded runtime has no Unix socket');
  expect(await nodeGrpcClient().check(address.path)).toEqual(
    ['health', 'initialize', 'ping', 'stream', 'close'].map((step) => ({ step })),
  );
});
