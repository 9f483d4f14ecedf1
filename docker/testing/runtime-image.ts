import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
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

    it('contains the licences and the list of its third-party code', async () => {
      const id = await docker('create', image);
      try {
        const notices = await contentOf(id, '/THIRD_PARTY_NOTICES');
        expect(notices).toMatch(/^Licence: Apache-2\.0$/m);
        expect(notices).toContain('Permission is hereby granted, free of charge');
        const { bomFormat, components } = JSON.parse(await contentOf(id, '/sbom.cdx.json'));
        expect(bomFormat).toBe('CycloneDX');
        for (const { name, version = '' } of components) {
          expect(notices).toContain(`\n${`${name} ${version}`.trim()}\n`);
        }
        expect(components.length).toBeGreaterThan(10);
      } finally {
        await docker('rm', id);
      }
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

/** Returns the content of a file in a container. */
async function contentOf(id: string, path: string): Promise<string> {
  const copied = spawn('docker', ['cp', `${id}:${path}`, '-'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const tar = spawn('tar', ['-xO'], { stdio: ['pipe', 'pipe', 'inherit'] });
  copied.stdout.pipe(tar.stdin);
  return text(tar.stdout);
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
