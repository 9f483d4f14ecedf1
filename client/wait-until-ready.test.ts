import { describe, expect, it } from 'vitest';
import { ClientClosedError } from './errors.ts';
import { createRuntimeClient } from './grpc-runtime-client.ts';
import { socketFolder, startRuntime } from './testing/scripted-runtime.ts';

const backoff = { initialMs: 5, maxMs: 20 };

describe('waitUntilReady', () => {
  it('CLIENT-1: waits for the socket and for "ok"', async () => {
    await using folder = await socketFolder();
    await using client = createRuntimeClient({ ...folder, backoff });
    const ready = client.waitUntilReady();
    const answers = ['starting', 'starting'];
    await using _runtime = await startRuntime(folder.socketPath, {
      health: () => ({
        status: answers.shift() ?? 'ok',
        mode: 'edge',
        version: '1',
        capabilities: ['resume'],
      }),
    });
    expect(await ready).toMatchObject({ status: 'ok', mode: 'edge', version: '1', capabilities: ['resume'] });
    expect(answers).toEqual([]);
  });

  it('CLIENT-2: ends at its deadline and reports the last result', async () => {
    await using folder = await socketFolder();
    await using client = createRuntimeClient({ ...folder, backoff });
    await expect(client.waitUntilReady({ deadlineMs: 300 })).rejects.toMatchObject({
      code: 'DEADLINE',
      kind: 'ready',
      message: expect.stringMatching(/not ready within 300 ms: .*UNAVAILABLE.*ENOENT/),
    });
    await using _runtime = await startRuntime(folder.socketPath, { health: () => ({ status: 'degraded' }) });
    await expect(client.waitUntilReady({ deadlineMs: 500 })).rejects.toMatchObject({
      kind: 'ready',
      message: expect.stringContaining('HealthCheck answered "degraded"'),
    });
  });

  it('CLIENT-11: ends when its signal aborts', async () => {
    await using folder = await socketFolder();
    await using client = createRuntimeClient({ ...folder, backoff });
    const controller = new AbortController();
    const ready = client.waitUntilReady({ signal: controller.signal });
    controller.abort('gone');
    await expect(ready).rejects.toMatchObject({ code: 'ABORT_ERR', cause: 'gone' });
  });

  it('ends when the client is closed', async () => {
    await using folder = await socketFolder();
    const client = createRuntimeClient({ ...folder, backoff });
    const ready = client.waitUntilReady();
    client.close();
    await expect(ready).rejects.toBeInstanceOf(ClientClosedError);
  });
});
