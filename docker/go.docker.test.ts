import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createImageRunner } from '../runners/image/image-runner.ts';
import { describeWithDocker, docker } from '../runners/testing/docker.ts';
import { unaborted, untilLogged } from '../runners/testing/target.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, 'go.mjs');
const image = 'mcp-runtime-go:build-test';

function hasGo(): boolean {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

/** Skipped without Go, unless REQUIRE_GO=1, when they fail. */
const describeWithGo =
  hasGo() || process.env['REQUIRE_GO'] === '1'
    ? describeWithDocker
    : (name: string, tests: () => void) => describe.skip(`${name} (skipped: there is no go)`, tests);

describeWithGo('the image of the Go runtime', () => {
  beforeAll(async () => {
    await run(process.execPath, [script, '--base', 'host', '--tag', image]);
  }, 300_000);
  afterAll(async () => {
    await docker('image', 'rm', image);
  });

  it('is not run by root, says how to see whether it is well, and has nothing but the runtime', async () => {
    const about = JSON.parse(await docker('image', 'inspect', '--format', '{{json .}}', image));
    expect(about.Config).toMatchObject({
      User: '1000:1000',
      StopSignal: 'SIGTERM',
      Entrypoint: ['/mcp-runtime'],
      Healthcheck: { Test: ['CMD', '/mcp-runtime', 'health'] },
    });
    expect(about.Config.Env).toContain('MCP_RUNTIME_GRPC_UDS=/run/mcp/runtime.sock');
    expect(about.RootFS.Layers).toHaveLength(1);
  });

  it('serves as any user, with a file system that cannot be written and without a network', async () => {
    const user = ['--user', '4242:4242', '--tmpfs', '/run/mcp:mode=1777'];
    const id = await docker('run', '--detach', '--network', 'none', '--read-only', ...user, image);
    try {
      for (;;) {
        const logs = await run('docker', ['logs', id]);
        if (logs.stderr.includes('listening')) {
          break;
        }
      }
      await docker('exec', id, '/mcp-runtime', 'health');
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
