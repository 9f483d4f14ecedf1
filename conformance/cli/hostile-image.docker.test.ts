import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import { describeWithImage, docker } from '../../runners/testing/docker.ts';

const execute = promisify(execFile);
// The built program. `npm test` builds it first.
const program = join(packageRoot(), 'dist', 'cli', 'main.js');
const base = 'mcp-reference-runtime:latest';

/** Code that the reference runtime loads first, by the name of the image. */
const hostile = {
  /** Takes memory until it is killed, at its 20th RPC. */
  'memory-hog': `import { Server } from 'node:net';
    const { emit } = Server.prototype;
    const kept = [];
    let rpcs = 0;
    Server.prototype.emit = function (event, ...values) {
      if (event === 'stream') rpcs += 1;
      while (rpcs >= 20) kept.push(Buffer.alloc(16 << 20, 1));
      return emit.call(this, event, ...values);
    };`,
  /** Starts processes that start processes. The runtime never gets to listen. */
  'fork-bomb': `import { spawn } from 'node:child_process';
    const start = () => spawn(process.execPath, [], { stdio: 'ignore' }).on('error', () => {});
    for (let i = 0; i < 4; i++) start();
    setInterval(start, 100);
    await new Promise(() => {});`,
};

describeWithImage(base, 'a hostile image', () => {
  let folder: string;
  const imageOf = (name: string) => `mcp-hostile-${name}:${process.pid}`;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostile-'));
    for (const [name, source] of Object.entries(hostile)) {
      await writeFile(join(folder, `${name}.mjs`), source);
      const dockerfile = `FROM ${base}\nCOPY ${name}.mjs /first.mjs\nENV NODE_OPTIONS=--import=/first.mjs\n`;
      await writeFile(join(folder, `${name}.Dockerfile`), dockerfile);
      const file = join(folder, `${name}.Dockerfile`);
      await docker('build', '--quiet', '--file', file, '--tag', imageOf(name), folder);
    }
  });

  afterAll(async () => {
    await docker('image', 'rm', '--force', ...Object.keys(hostile).map(imageOf));
    await rm(folder, { recursive: true });
  });

  /** Runs the kit on a hostile image, and returns its exit code and its JSON report. */
  async function check(name: string, ...words: readonly string[]) {
    const report = join(folder, 'report.json');
    const own = ['--image', imageOf(name), '--pull', 'never', '--report', `json=${report}`, ...words];
    const code = await execute(process.execPath, [program, ...own]).then(
      () => 0,
      (error: { readonly code: number }) => error.code,
    );
    return { code, report: await readFile(report, 'utf8') };
  }

  /** Starts a container of another image, which fails if the machine is not usable. */
  const usable = async () =>
    expect(await docker('run', '--rm', '--entrypoint', 'node', base, '--version')).toMatch(/^v/);

  test('that takes all memory is killed, and the report says why', async () => {
    const { code, report } = await check('memory-hog', '--memory', '256m', '--suite', 'sessions');
    expect(code).toBeGreaterThan(0);
    expect(report).toContain('out of memory: it reached its limit of 256 MiB');
    await usable();
  });

  test('that starts processes without end is stopped, and the report says why', async () => {
    const { code, report } = await check('fork-bomb', '--pids-limit', '60', '--ready-timeout', '5');
    expect(code).toBe(3);
    expect(report).toContain('the container reached its limit of 60 processes and threads');
    await usable();
  });
});
