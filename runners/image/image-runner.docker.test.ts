import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
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
    entrypoint: ['node', '-e', source],
    // Most of these targets never listen, so nothing would decide.
    rootMode: 'read-only',
    ...options,
  });
}

describeWithImage(nodeImage, 'the image runner', () => {
  afterAll(async () => {
    expect(await leftovers()).toEqual([]);
  });

  it('reaches a socket of mode 0600 in a container without network, and leaves nothing behind', async () => {
    await using runner = await runnerOf(echoTarget);
    expect([...runner.controls]).toEqual(['launch', 'signal', 'environment', 'socketFile']);
    expect(runner.image?.id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(runner.image?.sizeBytes).toBeGreaterThan(1_000_000);
    const instance = await runner.launch(unaborted());
    await untilEchoes(instance);
    await expect(instance.diagnose()).resolves.toBeUndefined();
    const file = await stat(instance.place?.hostPath ?? '');
    expect(file.mode & 0o777).toBe(0o600);
    expect(file.uid).toBe(process.getuid?.() === 0 ? 65532 : process.getuid?.());
    const networks = '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}';
    expect(await docker('inspect', '--format', networks, ...(await containersOf()))).toBe('none');
    await instance[Symbol.asyncDispose]();
    await expect(stat(instance.place?.hostPath ?? '')).rejects.toThrow('ENOENT');
  });

  it('launches twice with the same place, sends signals and reads the output', async () => {
    await using runner = await runnerOf(echoTarget);
    const place = await runner.makePlace();
    const first = await runner.launch({ ...unaborted(), place });
    await untilEchoes(first);
    const second = await runner.launch({ ...unaborted(), place });
    await expect(second.exit).resolves.toEqual({ code: 1, signal: null });
    await untilLogged(second, 'EADDRINUSE');
    await expect(second.diagnose()).resolves.toMatchObject({
      cause: 'the container ended with exit code 1. Its last output: EADDRINUSE',
    });
    await expect(echoes(first.address)).resolves.toBe(true);
    await first.signal('SIGKILL');
    await expect(first.exit).resolves.toEqual({ code: null, signal: 'SIGKILL' });
    await expect(runnerError(first.signal('SIGTERM'))).resolves.toMatchObject({ code: 'signal-failed' });
    const third = await runner.launch({ ...unaborted(), place });
    await third.exit;
    expect(third.logs.last(1)).toMatchObject([{ stream: 'stderr', text: 'EADDRINUSE' }]);
  });

  it('ends with exit code 0 on SIGTERM', async () => {
    await using runner = await runnerOf(echoTarget);
    const instance = await runner.launch(unaborted());
    await untilEchoes(instance);
    await instance.signal('SIGTERM');
    await expect(instance.exit).resolves.toEqual({ code: 0, signal: null });
  });

  it('passes variables, arguments, mounts and the socket path', async () => {
    await using place = await (await import('../socket-place.ts')).makeFolderPlace({ everyUser: true });
    const envFile = `${place.folder}/env`;
    await writeFile(envFile, 'FROM_FILE=file\nBOTH=file\n');
    const tell = `${idleTarget} const { PATH, MY_UDS, MCP_RUNTIME_GRPC_UDS, FROM_FILE, BOTH, LAUNCH } = process.env;
      console.log(JSON.stringify([PATH, MY_UDS, MCP_RUNTIME_GRPC_UDS, FROM_FILE, BOTH, LAUNCH, process.argv.slice(1),
      require('node:fs').readFileSync('/mounted/env', 'utf8').length]));`;
    await using runner = await runnerOf(tell, {
      entrypoint: ['/usr/local/bin/node'],
      args: ['-e', tell, 'x y'],
      envFiles: [envFile],
      environment: { BOTH: 'option' },
      mounts: [`${place.folder}:/mounted:ro`],
      socketVariable: 'MY_UDS',
      socketPath: '/srv/s/my.sock',
    });
    const instance = await runner.launch({ ...unaborted(), environment: { LAUNCH: 'yes', PATH: null } });
    const told = JSON.parse(await untilLogged(instance, '['));
    // Docker sets a default PATH if the launch removes the image's.
    expect(told.slice(1)).toEqual([
      '/srv/s/my.sock',
      null,
      'file',
      'option',
      'yes',
      ['x y'],
      'FROM_FILE=file\nBOTH=file\n'.length,
    ]);
    expect(instance.place?.hostPath).toMatch(/\/my\.sock$/);
  });

  it('diagnoses a container that never listens', async () => {
    await using runner = await runnerOf(idleTarget);
    const instance = await runner.launch(unaborted());
    await untilLogged(instance, 'idle');
    await expect(instance.diagnose()).resolves.toMatchObject({
      cause: 'the container runs, but there is no socket at /run/mcp/runtime.sock (in the container)',
      advice: expect.stringContaining('--socket-env'),
    });
  });

  it('names other files in the socket folder', async () => {
    await using runner = await runnerOf(
      `require('fs').writeFileSync('/run/mcp/other.sock', ''); ${idleTarget}`,
    );
    const instance = await runner.launch(unaborted());
    await untilLogged(instance, 'idle');
    await expect(instance.diagnose()).resolves.toMatchObject({
      cause: expect.stringContaining('the folder contains other.sock'),
    });
  });

  it('runs as the chosen user', async () => {
    await using runner = await runnerOf(echoTarget, { user: '4242:4243' });
    const instance = await runner.launch(unaborted());
    await untilLogged(instance, 'listening');
    expect(await stat(instance.place?.hostPath ?? '')).toMatchObject({ uid: 4242, gid: 4243 });
  });

  it('reports a missing image', async () => {
    const image = 'mcp-no-such-image:nowhere';
    expect(await runnerError(runnerOf('', { image }))).toMatchObject({
      code: 'image-missing',
      message: `There is no image ${image} on this machine, and --pull never forbids pulling it.`,
    });
    // No registry listens on this port.
    const pulled = await runnerError(runnerOf('', { image: '127.0.0.1:9/nothing:1', pull: 'missing' }));
    expect(pulled).toMatchObject({
      code: 'image-missing',
      message: expect.stringContaining('could not be pulled'),
    });
    expect(pulled.message).not.toContain('\n');
  });

  it('explains why a container cannot start, and removes it', async () => {
    await using runner = await runnerOf('', { entrypoint: ['/no/such/program'] });
    expect(await runnerError(runner.launch(unaborted()))).toMatchObject({
      code: 'not-started',
      message: expect.stringContaining('/no/such/program'),
    });
    await using unknown = await runnerOf(echoTarget, { user: 'nobody-here' });
    expect(await runnerError(unknown.launch(unaborted()))).toMatchObject({
      message: expect.stringContaining('has no user nobody-here'),
    });
    await using apart = await runnerOf(echoTarget, { network: 'no-such-network' });
    expect(await runnerError(apart.launch(unaborted()))).toMatchObject({
      message: expect.stringContaining('no-such-network'),
    });
    expect(await leftovers()).toEqual([]);
  });

  it('stops an aborted launch', async () => {
    await using runner = await runnerOf(echoTarget);
    const abort = new AbortController();
    const launch = runner.launch({ signal: abort.signal });
    abort.abort(new Error('stopped'));
    await expect(launch).rejects.toThrow('stopped');
    expect(await leftovers()).toEqual([]);
  });

  it('leaves nothing behind when the kit is killed', async () => {
    const built = join(import.meta.dirname, '../../dist/runners/image/image-runner.js');
    expect(existsSync(built), 'run `npm run build` first').toBe(true);
    const program = `
      const { createImageRunner } = await import(${JSON.stringify(built)});
      const options = ${JSON.stringify({ image: nodeImage, entrypoint: ['node', '-e', idleTarget] })};
      const runner = await createImageRunner(options);
      const instance = await runner.launch({ signal: new AbortController().signal });
      console.log(instance.place.hostPath);`;
    const kit = spawn(process.execPath, ['--input-type=module', '-e', program]);
    const [path] = (await once(createInterface(kit.stdout), 'line')) as [string];
    expect(await leftovers(kit.pid)).toHaveLength(1);
    kit.kill('SIGKILL');
    while ((await leftovers(kit.pid)).length > 0 || existsSync(path.replace(/\/[^/]*$/, ''))) {
      // Wait for the guardian. The timeout of the test ends the wait.
    }
  });

  it('removes remaining containers when it is disposed', async () => {
    const runner = await runnerOf(echoTarget);
    const place = await runner.makePlace();
    await runner.launch({ ...unaborted(), place });
    await chmod(place.hostPath?.replace(/\/[^/]*$/, '') ?? '', 0o700);
    await runner[Symbol.asyncDispose]();
    expect(await leftovers()).toEqual([]);
    await expect(stat(place.hostPath ?? '')).rejects.toThrow('ENOENT');
  });
});
