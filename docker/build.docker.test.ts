import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createImageRunner } from '../runners/image/image-runner.ts';
import { describeWithDocker, docker } from '../runners/testing/docker.ts';
import { unaborted, untilLogged } from '../runners/testing/target.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, 'build.mjs');
const image = 'mcp-reference-runtime:build-test';

describeWithDocker('the image of the reference runtime', () => {
  beforeAll(async () => {
    expect(existsSync(join(import.meta.dirname, '../dist/runtime/main.js')), 'npm run build').toBe(true);
    await run(process.execPath, [script, '--base', 'host', '--tag', image]);
  }, 120_000);
  afterAll(async () => {
    await docker('image', 'rm', image);
  });

  it('is not run by root, and says how to see whether it is well', async () => {
    const config = JSON.parse(await docker('image', 'inspect', '--format', '{{json .Config}}', image));
    expect(config).toMatchObject({
      User: '1000:1000',
      StopSignal: 'SIGTERM',
      Healthcheck: { Test: ['CMD', 'node', '/app/dist/runtime/main.js', 'health'] },
    });
    expect(config.Env).toContain('MCP_RUNTIME_GRPC_UDS=/run/mcp/runtime.sock');
  });

  it('serves as any user, with a file system that cannot be written and without a network', async () => {
    const sandbox = [
      '--network',
      'none',
      '--read-only',
      '--user',
      '4242:4242',
      '--tmpfs',
      '/run/mcp:mode=1777',
    ];
    const id = await docker('run', '--detach', ...sandbox, image);
    try {
      for (;;) {
        const logs = await run('docker', ['logs', id]);
        if (`${logs.stdout}${logs.stderr}`.includes('listening')) {
          break;
        }
      }
      await docker('exec', id, 'node', '/app/dist/runtime/main.js', 'health');
      await docker('stop', id);
      expect(await docker('inspect', '--format', '{{.State.ExitCode}}', id)).toBe('0');
    } finally {
      await docker('rm', '--force', '--volumes', id);
    }
  });

  it('is a target of the image runner', async () => {
    await using runner = await createImageRunner({ image, pull: 'never' });
    const instance = await runner.launch(unaborted());
    await untilLogged(instance, 'listening');
    await expect(instance.diagnose()).resolves.toBeUndefined();
    await instance.signal('SIGTERM');
    await expect(instance.exit).resolves.toEqual({ code: 0, signal: null });
  });
});

it('refuses what it does not know in one line', async () => {
  const failure = await run(process.execPath, [script, '--base', 'moon']).catch((error) => error);
  expect(failure).toMatchObject({ code: 1, stderr: '--base moon is neither public nor host.\n' });
});
