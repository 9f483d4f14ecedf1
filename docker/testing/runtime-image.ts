import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { createImageRunner } from '../../runners/image/image-runner.ts';
import { describeWithImage, docker } from '../../runners/testing/docker.ts';
import { unaborted, untilLogged } from '../../runners/testing/target.ts';

const run = promisify(execFile);

/** An image of a runtime in this repository, and its builder. */
export interface RuntimeImage {
  /** The name of the runtime for test titles, such as `Go runtime`. */
  readonly runtime: string;
  /** The build script in `docker/`. */
  readonly script: string;
  /** The name of the image, which `npm run images` builds. */
  readonly image: string;
  /** The command in the container that checks its health. */
  readonly healthCommand: readonly string[];
}

/**
 * Tests that an image is minimal, serves without privileges, and works as a target of the kit.
 * @param more additional expectations on `docker image inspect`
 */
export function testRuntimeImage(parts: RuntimeImage, more: (about: ImageFacts) => void = () => {}): void {
  const { runtime, image, healthCommand } = parts;
  const script = join(import.meta.dirname, '..', parts.script);

  describeWithImage(image, `the image of the ${runtime}`, () => {
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
