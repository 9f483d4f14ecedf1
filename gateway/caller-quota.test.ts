import { create } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { McpChunkSchema } from '../proto/index.ts';
import { CallerQuota } from './caller-quota.ts';
import { eventStream, post, ScriptedGateway, streaming } from './testing/scripted-gateway.ts';

describe('a quota', () => {
  test('limits the calls in flight of each caller', () => {
    const quota = new CallerQuota({ maxCallsPerCaller: 2, maxRatePerCaller: 100 });
    const end = quota.begin('ann', 0);
    quota.begin('ann', 0);
    expect(() => quota.begin('ann', 0)).toThrow('too many calls');
    quota.begin('bob', 0);
    end();
    quota.begin('ann', 0);
  });

  test('limits the rate of each caller, with bursts', () => {
    const quota = new CallerQuota({ maxCallsPerCaller: 100, maxRatePerCaller: 1 });
    for (let count = 0; count < 10; count++) quota.begin('ann', 0);
    expect(() => quota.begin('ann', 500)).toThrow('too fast');
    quota.begin('bob', 500);
    quota.begin('ann', 1000);
    expect(() => quota.begin('ann', 1000)).toThrow('too fast');
  });

  test('remembers many callers only for a short time', () => {
    const quota = new CallerQuota({ maxCallsPerCaller: 1, maxRatePerCaller: 1 });
    const end = quota.begin('kept', 0);
    for (let count = 0; count < 20_000; count++) quota.begin(`caller ${count}`, count * 100)();
    expect(() => quota.begin('kept', 2_000_000)).toThrow('too many calls');
    end();
  });
});

test('a stream counts until its end', async () => {
  await using gateway = await ScriptedGateway.start(
    {
      health: () => streaming,
      invoke: () => ({ status: 200 }),
      invokeStream: (call) => {
        call.write(create(McpChunkSchema, eventStream));
      },
    },
    { limits: { maxCallsPerCaller: 1 } },
  );
  const { url } = gateway;
  const live = await fetch(url, { headers: { accept: 'text/event-stream', 'mcp-session-id': 's' } });
  const unary = post({}, { accept: 'application/json' });
  const refused = await fetch(url, unary);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
  await live.body?.cancel();
  await expect.poll(async () => (await fetch(url, unary)).status).toBe(200);
  expect((await fetch(url, unary)).status).toBe(200);
});
