import { once } from 'node:events';
import { create } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { deferred } from '../client/testing/deferred.ts';
import { bytes, type StreamScriptCall } from '../client/testing/scripted-runtime.ts';
import { McpChunkSchema } from '../proto/index.ts';
import { eventStream, ScriptedGateway, streaming } from './testing/scripted-gateway.ts';

const get = { method: 'GET', headers: { accept: 'text/event-stream' } };

/** Starts a gateway with short limits, whose runtime opens streams and leaves them to the test. */
async function start(limits: object, health: () => typeof streaming = () => streaming) {
  const opened = deferred<StreamScriptCall>();
  const gateway = await ScriptedGateway.start(
    { health, invokeStream: (call) => opened.resolve(call) },
    { limits },
  );
  return { gateway, opened: opened.promise };
}

/** Writes a chunk. */
const send = (call: StreamScriptCall, chunk: object) => call.write(create(McpChunkSchema, chunk));

it('GW-33: a silent stream of events gets comments, but only between events', async () => {
  const { gateway, opened } = await start({ streamCommentMs: 20 });
  await using _ = gateway;
  const response = fetch(gateway.url, get);
  const call = await opened;
  send(call, eventStream);
  const reader = (await response).body?.getReader();
  let text = '';
  const until = async (wanted: RegExp) => {
    while (!wanted.test(text)) text += Buffer.from((await reader?.read())?.value ?? []).toString();
  };
  await until(/^(: keep-alive\n\n){2,}$/);
  send(call, { data: bytes('data: {"a"') });
  await until(/\{"a"$/);
  const cut = text.length;
  // Longer than the silence after which a comment would follow.
  await new Promise((resolve) => setTimeout(resolve, 100));
  send(call, { data: bytes(':1}\n\n') });
  await until(/\n\n$/);
  expect(text.slice(cut)).toMatch(/^:1\}\n\n/);
  await until(/:1\}\n\n: keep-alive\n\n$/);
  send(call, { done: true });
  call.end();
  while ((await reader?.read())?.done === false);
});

it('CLIENT-15: a silent stream stays open while the runtime answers health checks', async () => {
  let checks = 0;
  const checked = deferred<undefined>();
  const { gateway, opened } = await start({ streamIdleMs: 30 }, () => {
    checks += 1;
    if (checks === 4) checked.resolve(undefined);
    return streaming;
  });
  await using _ = gateway;
  const response = fetch(gateway.url, get);
  const call = await opened;
  send(call, eventStream);
  await checked.promise;
  send(call, { data: bytes('data: 1\n\n') });
  send(call, { done: true });
  call.end();
  expect(await (await response).text()).toBe('data: 1\n\n');
});

it('a silent stream ends if the runtime is not alive', async () => {
  let isAlive = true;
  const { gateway, opened } = await start({ streamIdleMs: 30, callMs: 200 }, () => {
    if (isAlive) return streaming;
    throw new Error('not alive');
  });
  await using _ = gateway;
  const response = fetch(gateway.url, get);
  const call = await opened;
  send(call, eventStream);
  const cancelled = once(call, 'cancelled');
  isAlive = false;
  await expect((await response).text()).rejects.toThrow();
  await cancelled;
});
