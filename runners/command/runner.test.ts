import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Runner } from '../runner.ts';
import { isAlive, until } from '../testing/process.ts';
import {
  echoes,
  echoTarget,
  idleTarget,
  runnerError,
  unaborted,
  untilEchoes,
  untilLogged,
} from '../testing/target.ts';
import { createCommandRunner } from './runner.ts';

describe('the command runner', () => {
  let folder: string;
  const runners: Runner[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'target-'));
  });

  afterEach(async () => {
    await Promise.all(runners.splice(0).map((runner) => runner[Symbol.asyncDispose]()));
    await rm(folder, { recursive: true });
  });

  function runnerOf(
    command: string,
    options: Partial<Parameters<typeof createCommandRunner>[0]> = {},
  ): Runner {
    const runner = createCommandRunner({ command, ...options });
    runners.push(runner);
    return runner;
  }

  async function script(source: string, options: Partial<Parameters<typeof createCommandRunner>[0]> = {}) {
    const file = join(folder, 'target.cjs');
    await writeFile(file, source);
    return runnerOf(`${process.execPath} ${file}`, options);
  }

  it('starts a reachable target and leaves nothing behind', async () => {
    const runner = await script(echoTarget);
    const instance = await runner.launch(unaborted());
    await untilEchoes(instance);
    await expect(instance.diagnose()).resolves.toBeUndefined();
    expect(instance.logs.last(1)).toMatchObject([{ stream: 'stdout', text: 'listening' }]);
    await instance[Symbol.asyncDispose]();
    await expect(instance.exit).resolves.toEqual({ code: 0, signal: null });
    expect(instance.logs.last(1)).toMatchObject([{ text: 'stopping' }]);
    await expect(stat(instance.place?.hostPath ?? '')).rejects.toThrow('ENOENT');
  });

  it('sets both variables or the named one, and lets the launch override them', async () => {
    const tell = `${idleTarget} console.log(JSON.stringify([process.env.MCP_RUNTIME_GRPC_UDS,
      process.env.MCP_RUST_GRPC_UDS, process.env.MY_UDS, process.env.A, process.argv.slice(2)]));`;
    const both = await (await script(tell, { environment: { A: 'a' }, args: ['x y'] })).launch(unaborted());
    const path = both.place?.hostPath;
    expect(JSON.parse(await untilLogged(both, '['))).toEqual([path, path, null, 'a', ['x y']]);
    const named = await (await script(tell, { socketVariable: 'MY_UDS' })).launch({
      ...unaborted(),
      environment: { A: 'b', HOME: null },
    });
    expect(JSON.parse(await untilLogged(named, '['))).toEqual([null, null, named.place?.hostPath, 'b', []]);
  });

  it('launches twice with the same place, which outlives both instances', async () => {
    const runner = await script(echoTarget);
    const place = await runner.makePlace();
    const first = await runner.launch({ ...unaborted(), place });
    await untilEchoes(first);
    const second = await runner.launch({ ...unaborted(), place });
    await expect(second.exit).resolves.toEqual({ code: 1, signal: null });
    await expect(echoes(first.address)).resolves.toBe(true);
    await first.signal('SIGKILL');
    await expect(first.exit).resolves.toEqual({ code: null, signal: 'SIGKILL' });
    await first[Symbol.asyncDispose]();
    await expect(stat(place.hostPath ?? '')).resolves.toBeDefined();
    await expect(runnerError(first.signal('SIGTERM'))).resolves.toMatchObject({ code: 'signal-failed' });
  });

  it('kills a target that ignores SIGTERM, and its children', async () => {
    const runner = await script(
      `const { spawn } = require('node:child_process');
       process.on('SIGTERM', () => {});
       const child = spawn(process.execPath, ['-e', ${JSON.stringify(`process.on('SIGTERM', () => {}); ${echoTarget.replace(/process.on.*/, '')}`)}], { stdio: 'inherit' });
       console.log('child ' + child.pid);`,
      { graceMilliseconds: 50 },
    );
    const instance = await runner.launch(unaborted());
    const child = Number((await untilLogged(instance, 'child')).split(' ')[1]);
    await untilEchoes(instance);
    await instance[Symbol.asyncDispose]();
    await expect(instance.exit).resolves.toEqual({ code: null, signal: 'SIGKILL' });
    await until(() => !isAlive(child));
  });

  it('reads endless output without keeping all of it', async () => {
    const runner = await script(
      `const line = 'x'.repeat(999) + '\\n'; const more = () => { while (process.stdout.write(line)); }; process.stdout.on('drain', more); more();`,
    );
    const instance = await runner.launch(unaborted());
    await untilLogged(instance, 'written too fast');
    expect(instance.logs.last(Number.MAX_SAFE_INTEGER).length).toBeLessThanOrEqual(2200);
  });

  it.each([
    [
      'ends early',
      'console.error("no config"); process.exit(3)',
      'ended with exit code 3. Its last output: no config',
    ],
    ['binds no socket', idleTarget, 'runs, but there is no socket at'],
    [
      'creates a regular file',
      `require('fs').writeFileSync(process.env.MCP_RUNTIME_GRPC_UDS, ''); ${idleTarget}`,
      'is a file that is not a socket',
    ],
    ['leaves a stale socket', staleTarget(), 'but no process is listening on it'],
  ])('diagnoses a target that %s', async (_, source, cause) => {
    const instance = await (await script(`${source}\n;console.log('done')`)).launch(unaborted());
    await Promise.race([instance.exit, untilLogged(instance, 'done')]);
    await expect(instance.diagnose()).resolves.toMatchObject({ cause: expect.stringContaining(cause) });
  });

  it('explains why a command cannot be started', async () => {
    const plain = join(folder, 'plain');
    await writeFile(plain, '#!/nonexistent/interpreter\n');
    const launch = (command: string) => runnerError(runnerOf(command).launch(unaborted()));
    expect(await launch('no-such-command-here')).toMatchObject({
      code: 'command-not-found',
      message: 'The command no-such-command-here is not on PATH.',
    });
    expect(await launch('./no/such/file')).toMatchObject({
      code: 'command-not-found',
      message: 'The file ./no/such/file does not exist.',
    });
    expect(await launch(plain)).toMatchObject({ code: 'permission', advice: `Run: chmod +x ${plain}` });
    await chmod(plain, 0o755);
    expect(await launch(plain)).toMatchObject({
      code: 'command-not-found',
      message: `${plain} exists, but its interpreter does not.`,
    });
  });

  it('does not start a process after an abort', async () => {
    const runner = await script(echoTarget);
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(runner.launch({ signal })).rejects.toThrow('stopped');
  });

  it('ends running targets when it is disposed', async () => {
    const runner = await script(echoTarget);
    const instance = await runner.launch(unaborted());
    await untilEchoes(instance);
    await runner[Symbol.asyncDispose]();
    await expect(instance.exit).resolves.toEqual({ code: 0, signal: null });
    await expect(stat(instance.place?.hostPath ?? '')).rejects.toThrow('ENOENT');
  });
});

/** Binds the socket and exits without removing the file, like a killed process. */
function staleTarget(): string {
  return `const { execFileSync } = require('node:child_process');
    try { execFileSync(process.execPath, ['-e', "require('net').createServer().listen(process.env.MCP_RUNTIME_GRPC_UDS, () => process.kill(process.pid, 'SIGKILL'))"]); } catch {}
    setInterval(() => {}, 1000);`;
}
