import { exec } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { containersOf, describeWithImage, docker, leftovers, nodeImage } from '../testing/docker.ts';
import {
  echoes,
  echoTarget,
  idleTarget,
  runnerError,
  unaborted,
  untilEchoes,
  untilLogged,
} from '../testing/target.ts';
import { createImageRunner } from './image-runner.ts';
import type { ImageRunnerOptions } from './options.ts';

function runnerOf(source: string, options: Partial<ImageRunnerOptions> = {}) {
  return createImageRunner({
    image: nodeImage,
    pull: 'never',
    socketAccess: 'relay',
    relayImage: nodeImage,
    entrypoint: ['node', '-e', source],
    rootMode: 'read-only',
    ...options,
  });
}

describeWithImage(nodeImage, 'the image runner with a relay', () => {
  afterAll(async () => {
    expect(await leftovers()).toEqual([]);
  });

  it('uses a local port to reach a target that runs as another user', async () => {
    await using runner = await runnerOf(echoTarget, { user: '4242:4242' });
    expect([...runner.controls]).toEqual(['launch', 'signal', 'environment']);
    const instance = await runner.launch(unaborted());
    expect(instance.address).toMatchObject({ kind: 'tcp', host: '127.0.0.1' });
    await untilEchoes(instance);
    // The relay first reports its attempts before the target listened.
    await expect.poll(() => instance.diagnose(), { timeout: 10_000 }).toBeUndefined();
    const ports = await docker(
      'inspect',
      '--format',
      '{{json .NetworkSettings.Ports}}',
      ...(await containersOf()),
    );
    expect(ports).toContain('"HostIp":"127.0.0.1"');
    expect(ports).not.toContain('"HostIp":"0.0.0.0"');
  });

  it('launches again with the same place, which contains the socket of a killed target', async () => {
    await using runner = await runnerOf(
      `const fs = require('node:fs'); try { fs.unlinkSync('/run/mcp/runtime.sock'); console.log('replaced'); } catch {} ${echoTarget}`,
    );
    const place = await runner.makePlace();
    expect(place.hostPath).toBeUndefined();
    const first = await runner.launch({ ...unaborted(), place });
    await untilEchoes(first);
    await first.signal('SIGKILL');
    await expect(first.exit).resolves.toEqual({ code: null, signal: 'SIGKILL' });
    await expect(echoes(first.address)).resolves.toBe(false);
    const second = await runner.launch({ ...unaborted(), place });
    await untilLogged(second, 'replaced');
    await untilEchoes(second);
    expect(second.address).toEqual(first.address);
  });

  it('diagnoses a container that never listens', async () => {
    await using runner = await runnerOf(idleTarget);
    const instance = await runner.launch(unaborted());
    await expect(echoes(instance.address)).resolves.toBe(false);
    // The relay reports the attempt in its log, which arrives with a delay.
    await expect
      .poll(() => instance.diagnose(), { timeout: 10_000 })
      .toMatchObject({
        cause: 'the container runs, but there is no socket at /run/mcp/runtime.sock (in the container)',
      });
  });

  it('fails immediately for an image without a relay program', async () => {
    const image = 'mcp-relay-test:empty';
    const file = join(import.meta.dirname, 'relay.ts');
    await promisify(exec)(`tar -C ${dirname(file)} -c relay.ts | docker import - ${image}`);
    try {
      await using runner = await runnerOf(echoTarget, { relayImage: image });
      expect(await runnerError(runner.launch(unaborted()))).toMatchObject({
        code: 'not-started',
        message: expect.stringContaining('No relay could be started.'),
        advice: expect.stringContaining('--relay-image'),
      });
    } finally {
      await docker('image', 'rm', image);
    }
  });

  it('tries local images, including that of the target', async () => {
    await using runner = await createImageRunner({
      image: nodeImage,
      pull: 'never',
      socketAccess: 'relay',
      entrypoint: ['node', '-e', echoTarget],
    });
    await untilEchoes(await runner.launch(unaborted()));
  });

  it('names the requirements of a relay image', async () => {
    await using runner = await runnerOf(echoTarget, { relayImage: 'mcp-no-such-image:nowhere' });
    expect(await runnerError(runner.launch(unaborted()))).toMatchObject({
      code: 'image-missing',
      advice: expect.stringContaining('--relay-image'),
    });
  });
});
