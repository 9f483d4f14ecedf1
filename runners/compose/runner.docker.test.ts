import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import type { Runner } from '../runner.ts';
import { describeWithImage, docker, leftovers, nodeImage } from '../testing/docker.ts';
import { echoes, echoTarget, runnerError, unaborted, untilEchoes, untilLogged } from '../testing/target.ts';
import { type ComposeRunnerOptions, createComposeRunner } from './runner.ts';

/** The target connects to its dependency by service name before it listens. */
const source = `
const greeting = require('node:net').connect(7070, 'backend', () => console.log('backend greeted, ' + process.env.MODE));
greeting.on('error', (error) => { console.error(error.message); process.exit(1); });
${echoTarget}`;

const file = (content: Readonly<Record<string, unknown>>) =>
  JSON.stringify({
    services: {
      backend: {
        image: nodeImage,
        entrypoint: ['node', '-e', "require('node:net').createServer((c) => c.resume()).listen(7070)"],
      },
      runtime: {
        image: nodeImage,
        entrypoint: ['node', '-e', source.replaceAll('$', '$$$$')],
        environment: { MODE: 'of the file' },
        // Neither setting may prevent a second container from starting.
        container_name: 'mcp-conformance-taken',
        restart: 'always',
        depends_on: ['backend'],
      },
      ...content,
    },
  });

describeWithImage(nodeImage, 'createComposeRunner', () => {
  let folder: string;
  const runners: Runner[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'compose-'));
    await writeFile(join(folder, 'compose.yaml'), file({}));
  });

  afterEach(async () => {
    for (const runner of runners.splice(0)) await runner[Symbol.asyncDispose]();
    expect(await leftovers()).toEqual([]);
    expect(await projectResources(process.pid)).toEqual([]);
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  async function runnerOf(options: Partial<ComposeRunnerOptions> = {}): Promise<Runner> {
    const runner = await createComposeRunner({
      file: join(folder, 'compose.yaml'),
      service: 'runtime',
      ...options,
    });
    runners.push(runner);
    return runner;
  }

  it('starts the service with its dependency and reaches its socket', async () => {
    const runner = await runnerOf();
    expect(runner.controls.has('socketFile')).toBe(true);
    const instance = await runner.launch(unaborted());
    await untilEchoes(instance);
    expect(await untilLogged(instance, 'greeted')).toBe('backend greeted, of the file');
    expect(instance.address).toMatchObject({ kind: 'unix', path: instance.place?.hostPath });
    expect(await instance.diagnose()).toBeUndefined();
    expect((await projectResources(process.pid)).length).toBe(3);
  });

  it('restarts the service with the same place, and runs two instances with one dependency', async () => {
    const runner = await runnerOf({ environment: { MODE: 'costs $5' } });
    const place = await runner.makePlace();
    const first = await runner.launch({ ...unaborted(), place });
    await untilEchoes(first);
    expect(await untilLogged(first, 'greeted')).toContain('costs $5');
    const second = await runner.launch({ ...unaborted(), environment: { MODE: 'of the launch' } });
    await untilEchoes(second);
    expect(await untilLogged(second, 'greeted')).toContain('of the launch');
    await first.signal('SIGTERM');
    expect(await first.exit).toEqual({ code: 0, signal: null });
    await first[Symbol.asyncDispose]();
    // The target is too simple to replace a stale socket.
    await rm(place.hostPath ?? '');
    const again = await runner.launch({ ...unaborted(), place });
    await untilEchoes(again);
    expect(await echoes(second.address)).toBe(true);
    const backends = await docker('ps', '-q', '--filter', 'label=com.docker.compose.service=backend');
    expect(backends.split('\n').length).toBe(1);
  });

  it('reaches the service through a relay', async () => {
    const runner = await runnerOf({ socketAccess: 'relay' });
    expect(runner.controls.has('socketFile')).toBe(false);
    const instance = await runner.launch(unaborted());
    expect(instance.address.kind).toBe('tcp');
    await untilEchoes(instance);
  });

  it('reports how a service ended', async () => {
    const runner = await runnerOf({ args: [], service: 'runtime', environment: { MODE: 'x' } });
    const ends = await runner.launch({ ...unaborted(), environment: { NODE_OPTIONS: '--no-such-option' } });
    expect(await ends.exit).toEqual({ code: 9, signal: null });
    expect((await ends.diagnose())?.cause).toMatch(
      /^the container ended with exit code 9\. Its last output: .*no-such/,
    );
  });

  it.each<[Partial<ComposeRunnerOptions>, RegExp, RegExp]>([
    [{ file: '/no/such.yaml' }, /^There is no Compose file \/no\/such\.yaml\.$/, /^Relative paths start at /],
    [
      { service: 'rutime' },
      /^There is no service rutime in .*; did you mean runtime\?$/,
      /^Its services: (backend, runtime|runtime, backend)\.$/,
    ],
  ])('rejects %j', async (options, message, advice) => {
    const error = await runnerError(runnerOf(options));
    expect(error).toMatchObject({ code: 'bad-option' });
    expect(error.message).toMatch(message);
    expect(error.advice).toMatch(advice);
  });

  it('rejects a file that is not a Compose file', async () => {
    const broken = join(folder, 'broken.yaml');
    await writeFile(broken, file({ wrong: { imgae: 'x' } }));
    const error = await runnerError(runnerOf({ file: broken }));
    expect(error).toMatchObject({ code: 'bad-option', advice: 'Correct the file.' });
    expect(error.message).toMatch(/^Compose could not read .*broken\.yaml: .*imgae/);
  });

  it('reports the Compose error for a service that cannot start', async () => {
    const missing = join(folder, 'missing.yaml');
    await writeFile(missing, file({ runtime: { image: nodeImage, entrypoint: ['/no/such'] } }));
    const error = await runnerError((await runnerOf({ file: missing })).launch(unaborted()));
    expect(error.code).toBe('not-started');
    expect(error.message).toMatch(/^Compose could not start the service runtime: .*\/no\/such/);
  });

  it('reports a missing Compose', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/no/such';
    try {
      const error = await runnerError(runnerOf());
      expect(error).toMatchObject({ code: 'docker-unavailable' });
      expect(error.message).toMatch(/^Docker Compose was not found/);
    } finally {
      process.env['PATH'] = path;
    }
  });

  it('leaves nothing behind when the kit is killed', async () => {
    // Runs the built code, so that the process to kill is Node.
    const built = join(packageRoot(), 'dist/runners/compose/runner.js');
    expect(existsSync(built)).toBe(true);
    const script = `
const { createComposeRunner } = await import(${JSON.stringify(built)});
const runner = await createComposeRunner({ file: ${JSON.stringify(join(folder, 'compose.yaml'))}, service: 'runtime' });
const instance = await runner.launch({ signal: new AbortController().signal });
console.log(instance.place.hostPath);`;
    const kit = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [socket] = await once(createInterface({ input: kit.stdout }), 'line');
    expect((await projectResources(kit.pid ?? 0)).length).toBe(3);
    kit.kill('SIGKILL');
    await expect
      .poll(async () => [...(await projectResources(kit.pid ?? 0)), ...(await leftovers(kit.pid ?? 0))], {
        timeout: 30_000,
        interval: 250,
      })
      .toEqual([]);
    await expect.poll(() => existsSync(socket)).toBe(false);
  });
});

/** Returns the containers and networks of the projects that a process started. */
async function projectResources(pid: number): Promise<readonly string[]> {
  const filter = ['--filter', `name=mcp-conformance-${pid}-`, '--format', '{{.ID}}'];
  const lists = await Promise.all([docker('ps', '--all', ...filter), docker('network', 'ls', ...filter)]);
  return lists.flatMap((list) => list.split('\n')).filter((line) => line !== '');
}
