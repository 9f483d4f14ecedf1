import { expect, test } from 'vitest';
import { makeRunPlan } from './run-plan.ts';
import { UsageError } from './usage-error.ts';

const embedded = { kind: 'embedded' } as const;

test('a run over both protocols needs a target that the kit starts', async () => {
  const socket = { kind: 'socket', path: '/s' } as const;
  await expect(makeRunPlan({ target: socket, transport: 'both' })).rejects.toThrow(
    '--transport both: socket /s serves one protocol; check each socket with --transport grpc or http',
  );
  await expect(makeRunPlan({ target: socket, transport: 'http' })).resolves.toMatchObject({
    settings: { transport: 'http' },
  });
});

test('a run with shards needs a single protocol', async () => {
  const shard = { index: 1, of: 2 };
  await expect(makeRunPlan({ target: embedded, transport: 'both', shard })).rejects.toThrow(UsageError);
});

test('the cases that failed over HTTP run again over both protocols', async () => {
  const only = new Set(['calls/four-methods@http']);
  const { cases } = await makeRunPlan({ target: embedded, transport: 'both', only });
  expect(cases.map(({ id }) => id)).toEqual(['calls/four-methods']);
});
