import { expect, test } from 'vitest';
import { bytes, chunksThenOk } from '../../client/testing/scripted-runtime.ts';
import { eventStream, post, ScriptedGateway, streaming } from '../testing/scripted-gateway.ts';

test.each([100, 6_000, 10_000, 40_000])('many pieces of %i bytes in one turn arrive', async (size) => {
  const event = `data: ${'x'.repeat(size)}\n\n`;
  const pieces = Array.from({ length: 40 }, () => ({ data: bytes(event) }));
  await using gateway = await ScriptedGateway.start({
    health: () => streaming,
    ...chunksThenOk(eventStream, ...pieces, { done: true }),
  });
  const response = await fetch(gateway.url, post({}));
  expect((await response.text()).length).toBe(40 * event.length);
});
