import { create } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { McpChunkSchema } from '../proto/index.ts';
import { createRuntimeClient } from './grpc-runtime-client.ts';
import type { RuntimeClient } from './runtime-client.ts';
import { type RuntimeScript, socketFolder, startRuntime } from './testing/scripted-runtime.ts';

/** Runs a test against a runtime whose streams stay open. `peers` are the connections of its calls. */
async function withRuntime(
  script: RuntimeScript,
  test: (client: RuntimeClient, peers: ReadonlySet<string>) => Promise<void>,
): Promise<void> {
  const peers = new Set<string>();
  await using folder = await socketFolder();
  await using _runtime = await startRuntime(folder.socketPath, {
    invokeStream(call) {
      peers.add(call.getPeer());
      call.write(create(McpChunkSchema, { status: 200 }));
    },
    ...script,
  });
  await using client = createRuntimeClient(folder);
  await test(client, peers);
}

it('RPC-11: calls do not wait for the open calls of a full connection', async () => {
  await withRuntime({ maxCalls: 100 }, async (client) => {
    const streams = Array.from({ length: 250 }, () => client.invokeStream({}));
    for (const stream of streams) expect(await stream.head).toMatchObject({ status: 200 });
    expect(await client.invoke({})).toMatchObject({ status: 200 });
    for (const stream of streams) stream.cancel();
    expect(await client.invoke({})).toMatchObject({ status: 200 });
    expect(client.connected).toBe(true);
  });
});

it('RPC-21: cancelled calls do not end an open stream, even on servers with a low limit of resets', async () => {
  const running = new Set<() => void>();
  const script: RuntimeScript = {
    invoke: () => new Promise(() => running.forEach((started) => void started())),
  };
  await withRuntime(script, async (client) => {
    const stream = client.invokeStream({});
    await stream.head;
    let ended = false;
    const reading = (async () => {
      for await (const _ of stream);
    })().finally(() => {
      ended = true;
    });
    for (let round = 0; round < 40; round++) {
      const leaving = new AbortController();
      let left = 50;
      const allStarted = new Promise<void>((resolve) => {
        running.clear();
        running.add(() => {
          left -= 1;
          if (left === 0) resolve();
        });
      });
      const calls = Array.from({ length: 50 }, () => client.invoke({}, { signal: leaving.signal }));
      await allStarted;
      leaving.abort();
      await Promise.allSettled(calls);
    }
    expect(await client.healthCheck()).toMatchObject({ status: 'ok' });
    expect(ended).toBe(false);
    stream.cancel();
    await reading;
  });
});
