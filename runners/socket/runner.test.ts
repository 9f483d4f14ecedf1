import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FolderPlace, makeFolderPlace } from '../socket-place.ts';
import { runnerError, unaborted } from '../testing/target.ts';
import { createSocketRunner } from './runner.ts';

describe('the socket runner', () => {
  let place: FolderPlace;
  beforeEach(async () => {
    place = await makeFolderPlace();
  });
  afterEach(() => place[Symbol.asyncDispose]());

  const launch = (path = place.hostPath) => createSocketRunner({ path }).launch(unaborted());

  it('connects to a listening target, and supports no control operations', async () => {
    const server = createServer((caller) => caller.end()).listen(place.hostPath);
    await once(server, 'listening');
    try {
      const instance = await launch();
      expect(instance).toMatchObject({ address: { kind: 'unix', path: place.hostPath }, place: undefined });
      await expect(instance.diagnose()).resolves.toBeUndefined();
      await expect(runnerError(instance.signal('SIGTERM'))).resolves.toMatchObject({ code: 'unsupported' });
      const runner = createSocketRunner({ path: place.hostPath });
      expect(runner.controls.size).toBe(0);
      await expect(runnerError(runner.makePlace())).resolves.toMatchObject({ code: 'unsupported' });
      server.close();
      await once(server, 'close');
      await expect(instance.diagnose()).resolves.toMatchObject({
        cause: `the socket at ${place.hostPath} no longer exists`,
      });
    } finally {
      server.close();
    }
  });

  it('explains why a path is not a listening socket', async () => {
    expect(await runnerError(launch())).toMatchObject({
      code: 'no-socket',
      message: `There is no socket at ${place.hostPath}.`,
    });
    await writeFile(place.hostPath, '');
    expect(await runnerError(launch())).toMatchObject({
      code: 'no-socket',
      message: `${place.hostPath} is a file that is not a socket.`,
    });
    await mkdir(`${place.hostPath}.d`);
    expect(await runnerError(launch(`${place.hostPath}.d`))).toMatchObject({
      message: `${place.hostPath}.d is a folder.`,
    });
  });

  it('knows the protocol of the socket', async () => {
    const launched = createSocketRunner({ path: place.hostPath, transport: 'http' }).launch(unaborted());
    expect(await runnerError(launched)).toMatchObject({
      advice: expect.stringContaining('MCP_RUNTIME_HTTP_UDS'),
    });
    const server = createServer((caller) => caller.end()).listen(place.hostPath);
    await once(server, 'listening');
    const { address } = await createSocketRunner({ path: place.hostPath, transport: 'http' }).launch(
      unaborted(),
    );
    expect(address).toMatchObject({ transport: 'http' });
    server.close();
  });

  it('rejects a path that is too long for a socket', async () => {
    const error = await runnerError(() => createSocketRunner({ path: `/${'x'.repeat(120)}` }));
    expect(error).toMatchObject({ code: 'path-too-long', message: expect.stringContaining('121 bytes') });
  });
});
