import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { createImageRunner } from '../../runners/image/image-runner.ts';
import { describeWithImage, docker } from '../../runners/testing/docker.ts';
import { unaborted, untilLogged } from '../../runners/testing/target.ts';

const run = promisify(execFile);

/** The image of a runtime of this repository, and what makes it. */
export interface RuntimeImage {
  /** Of whom, for the names of the tests: `Go runtime`. */
  readonly runtime: string;
  /** The builder, a file of `docker/`. */
  readonly script: string;
  /** Its name. `npm run images` builds it. */
  readonly image: string;
  /** What asks the runtime in a container for its health. */
  readonly healthCommand: readonly string[];
}

/**
 * Tests of an image: that it is the least that it has to be, that it serves without any privilege, and that the kit can
 * run it.
 * @param more further expectations on `docker image inspect`
 */
export function testRuntimeImage(parts: RuntimeImage, more: (about: ImageFacts) => void = () => {}): void {
  const { runtime, image, healthCommand } = parts;
  const script = join(import.meta.dirname, '..', parts.script);

  describeWithImage(image, `the image of the ${runtime}`, () => {
    it('is not run by root, and says how to see whether it is well', async () => {
      const about: ImageFacts = JSON.parse(await docker('image', 'inspect', '--format', '{{json .}}', image));
      expect(about.Config).toMatchObject({
        User: '1000:1000',
        StopSignal: 'SIGTERM',
        Healthcheck: { Test: ['CMD', ...healthCommand] },
      });
      expect(about.Config.Env).toContain('MCP_RUNTIME_GRPC_UDS=/run/mcp/runtime.sock');
      more(about);
    });

    it('serves as any user, with a file system that cannot be written and without a network', async () => {
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

  it('refuses what it does not know in one line', async () => {
    const failure = await run(process.execPath, [script, '--base', 'moon']).catch((error) => error);
    expect(failure).toMatchObject({ code: 1, stderr: '--base moon is neither public nor host.\n' });
  });
}

/** Of `docker image inspect`, what is looked at. */
export interface ImageFacts {
  readonly Config: { readonly Env: readonly string[]; readonly Entrypoint: readonly string[] | null };
  readonly RootFS: { readonly Layers: readonly string[] };
}

/** A runtime that is one static file has nothing else in its image. */
export function isOneProgram({ Config, RootFS }: ImageFacts): void {
  expect(Config.Entrypoint).toEqual(['/mcp-runtime']);
  expect(RootFS.Layers).toHaveLength(1);
}
