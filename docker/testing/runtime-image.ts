import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createImageRunner } from '../../runners/image/image-runner.ts';
import { describeWithDocker, docker } from '../../runners/testing/docker.ts';
import { unaborted, untilLogged } from '../../runners/testing/target.ts';

const run = promisify(execFile);

/** An image of a runtime in this repository, and its builder. */
export interface RuntimeImage {
  /** The name of the runtime for test titles, such as `Go runtime`. */
  readonly runtime: string;
  /** The build script in `docker/`. */
  readonly script: string;
  /** The name of the image in the tests. */
  readonly image: string;
  /** Time limit of the build in milliseconds. */
  readonly buildMs: number;
  /** The command in the container that checks its health. */
  readonly healthCommand: readonly string[];
  /**
   * The language's tool, which the build needs. The tests are skipped without it, unless its variable is 1: then they
   * fail.
   */
  readonly tool?: { readonly name: string; readonly version: string; readonly requiredBy: string };
}

/**
 * Tests that an image is minimal, serves without privileges, and works as a target of the kit.
 * @param more additional expectations on `docker image inspect`
 */
export function testRuntimeImage(parts: RuntimeImage, more: (about: ImageFacts) => void = () => {}): void {
  const { runtime, image, buildMs, healthCommand } = parts;
  const script = join(import.meta.dirname, '..', parts.script);

  describeWith(parts.tool)(`the image of the ${runtime}`, () => {
    beforeAll(async () => {
      await run(process.execPath, [script, '--base', 'host', '--tag', image]);
    }, buildMs);
    afterAll(async () => {
      await docker('image', 'rm', image);
    });

    it('does not run as root, and declares a health check', async () => {
      const about: ImageFacts = JSON.parse(await docker('image', 'inspect', '--format', '{{json .}}', image));
      expect(about.Config).toMatchObject({
        User: '1000:1000',
        StopSignal: 'SIGTERM',
        Healthcheck: { Test: ['CMD', ...healthCommand] },
      });
      expect(about.Config.Env).toContain('MCP_RUNTIME_GRPC_UDS=/run/mcp/runtime.sock');
      more(about);
    });

    it('serves as any user, with a read-only file system and without network', async () => {
      const user = ['--user', '4242:4242', '--tmpfs', '/run/mcp:mode=1777'];
      const id = await docker('run', '--detach', '--network', 'none', '--read-only', ...user, image);
      try {
        for (;;) {
          const logs = await run('docker', ['logs', id]);
          if (`${logs.stdout}${logs.stderr}`.includes('listening')) {
            break;
          }
        }
        await docker('exec', id, ...healthCommand);
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

  it('rejects an invalid base with one line', async () => {
    const failure = await run(process.execPath, [script, '--base', 'moon']).catch((error) => error);
    expect(failure).toMatchObject({ code: 1, stderr: '--base must be public or host, not moon.\n' });
  });
}

/** The tested members of `docker image inspect`. */
export interface ImageFacts {
  readonly Config: { readonly Env: readonly string[]; readonly Entrypoint: readonly string[] | null };
  readonly RootFS: { readonly Layers: readonly string[] };
}

/** Expects that an image contains only one static program. */
export function isOneProgram({ Config, RootFS }: ImageFacts): void {
  expect(Config.Entrypoint).toEqual(['/mcp-runtime']);
  expect(RootFS.Layers).toHaveLength(1);
}

function describeWith(tool: RuntimeImage['tool']): typeof describeWithDocker {
  if (tool === undefined || isThere(tool) || process.env[tool.requiredBy] === '1') return describeWithDocker;
  return (name, tests) => describe.skip(`${name} (skipped: there is no ${tool.name})`, tests);
}

function isThere({ name, version }: NonNullable<RuntimeImage['tool']>): boolean {
  try {
    execFileSync(name, [version], { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}
