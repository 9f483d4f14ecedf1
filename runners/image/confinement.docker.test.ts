import { stat } from 'node:fs/promises';
import { afterAll, expect, it } from 'vitest';
import { containersOf, describeWithImage, docker, leftovers, nodeImage } from '../testing/docker.ts';
import { echoTarget, idleTarget, unaborted, untilEchoes, untilLogged } from '../testing/target.ts';
import { createImageRunner } from './image-runner.ts';
import type { ImageRunnerOptions } from './options.ts';

function runnerOf(source: string, options: Partial<ImageRunnerOptions> = {}) {
  return createImageRunner({
    image: nodeImage,
    pull: 'never',
    entrypoint: ['node', '-e', source],
    ...options,
  });
}

/** Returns Docker's configuration of the only container of this process that matches. */
async function hostConfig(without = ''): Promise<Record<string, unknown>> {
  const ids = (await containersOf()).filter((id) => id !== without);
  expect(ids).toHaveLength(1);
  return JSON.parse(await docker('inspect', '--format', '{{json .HostConfig}}', ids[0] ?? ''));
}

/** Fails with a clear text unless a write is refused. */
const tryToWrite = (path: string) => `
  try { require('node:fs').writeFileSync('${path}', 'x'); console.log('wrote ${path}'); }
  catch (error) { console.log('refused ${path} ' + error.code); }`;

describeWithImage(nodeImage, 'a container under test', () => {
  afterAll(async () => {
    expect(await leftovers()).toEqual([]);
  });

  it('has no capabilities, no new privileges, limits, and a read-only root with temporary folders', async () => {
    const script = `${echoTarget}
      ${['/x', '/tmp/x', '/var/tmp/x', '/run/x'].map(tryToWrite).join('\n')}
      const status = require('node:fs').readFileSync('/proc/self/status', 'utf8');
      console.log('effective ' + /CapEff:\\s*(\\S+)/.exec(status)[1] + ' privileges ' + /NoNewPrivs:\\s*(\\S+)/.exec(status)[1]);`;
    await using runner = await runnerOf(script);
    const instance = await runner.launch(unaborted());
    await untilEchoes(instance);
    expect(await hostConfig()).toMatchObject({
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      PidsLimit: 1024,
    });
    const { Memory, MemorySwap, NanoCpus } = await hostConfig();
    expect(Memory).toBeGreaterThan(0);
    expect(MemorySwap).toBe(Memory);
    expect(NanoCpus).toBeGreaterThanOrEqual(0);
    await untilLogged(instance, 'effective 0000000000000000 privileges 1');
    await untilLogged(instance, 'refused /x EROFS');
    for (const path of ['/tmp/x', '/var/tmp/x', '/run/x']) await untilLogged(instance, `wrote ${path}`);
    // The log of a failing case then names the remedy.
    await untilLogged(instance, '--root-fs writable');
  });

  it('does not run as root if the kit does, and its socket is still reachable', async () => {
    await using runner = await runnerOf(`${echoTarget} console.log('uid ' + process.getuid());`);
    const instance = await runner.launch(unaborted());
    await untilEchoes(instance);
    const uid = process.getuid?.() === 0 ? 65532 : process.getuid?.();
    await untilLogged(instance, `uid ${uid}`);
    expect(await stat(instance.place?.hostPath ?? '')).toMatchObject({ uid });
  });

  it('keeps its root read-only for further instances after a read-only start', async () => {
    await using runner = await runnerOf(echoTarget);
    await untilEchoes(await runner.launch(unaborted()));
    const [first] = await containersOf();
    const second = await runner.launch({ ...unaborted(), environment: { A: '1' } });
    await untilEchoes(second);
    expect(await hostConfig(first)).toMatchObject({ ReadonlyRootfs: true });
  });

  it.each([
    ['ends', `require('node:fs').mkdirSync('/data'); ${echoTarget}`],
    [
      'hangs',
      `try { require('node:fs').mkdirSync('/data'); eval(${JSON.stringify(echoTarget)}); }
       catch (error) { console.error(error.message); ${idleTarget} }`,
    ],
  ])('gets a writable root if the image %s without one', async (_, source) => {
    // Without rights, the program may not write to / anyway.
    await using runner = await runnerOf(source, { user: '0:0', capAdd: ['DAC_OVERRIDE'] });
    const instance = await runner.launch(unaborted());
    await untilEchoes(instance);
    await untilLogged(instance, 'did not start with a read-only root file system');
    expect(await hostConfig()).toMatchObject({ ReadonlyRootfs: false, CapAdd: ['DAC_OVERRIDE'] });
    await untilEchoes(await runner.launch({ ...unaborted(), environment: { A: '1' } }));
  });

  it('obeys the options', async () => {
    await using runner = await runnerOf(echoTarget, {
      memory: '96m',
      pidsLimit: '50',
      cpus: '0.5',
      rootMode: 'writable',
      capAdd: ['CHOWN'],
      user: '0:0',
    });
    await untilEchoes(await runner.launch(unaborted()));
    expect(await hostConfig()).toMatchObject({
      Memory: 96 * 1024 ** 2,
      PidsLimit: 50,
      NanoCpus: 500_000_000,
      ReadonlyRootfs: false,
      CapAdd: ['CHOWN'],
    });
  });

  it('is killed at its memory limit, and the kit says so', async () => {
    const hog = `${echoTarget} const kept = []; process.on('SIGHUP', () => {});
      setTimeout(() => { for (;;) kept.push(Buffer.alloc(8 << 20, 1)); }, 200);`;
    await using runner = await runnerOf(hog, { memory: '96m', rootMode: 'read-only' });
    const instance = await runner.launch(unaborted());
    expect(await instance.exit).toMatchObject({
      signal: 'SIGKILL',
      cause: 'out of memory: it reached its limit of 96 MiB',
    });
    expect(await instance.diagnose()).toMatchObject({
      cause: 'the container was killed (out of memory: it reached its limit of 96 MiB)',
      advice: expect.stringContaining('--memory'),
    });
  });

  it('cannot start more processes than its limit, and the kit says so', async () => {
    const bomb = `const { spawn } = require('node:child_process');
      let refused = false;
      const start = () => spawn('node', ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
        .on('error', (error) => { if (!refused) console.log('refused ' + error.code); refused = true; });
      for (let i = 0; i < 20; i++) start();
      setInterval(() => { if (!refused) start(); }, 50);`;
    await using runner = await runnerOf(bomb, { pidsLimit: '60', rootMode: 'read-only' });
    const instance = await runner.launch(unaborted());
    await expect
      .poll(() => instance.diagnose(), { timeout: 30_000 })
      .toMatchObject({
        cause: 'the container reached its limit of 60 processes and threads',
        advice: expect.stringContaining('--pids-limit'),
      });
    // The machine stays usable: another container starts.
    await using other = await runnerOf(echoTarget);
    await untilEchoes(await other.launch(unaborted()));
  });
});

describeWithImage(nodeImage, 'a relay', () => {
  it.each([
    ['4242:4242', '4242:4242', []],
    ['node', '0:0', ['DAC_OVERRIDE']],
  ])('for a target of user %s runs as %s, and is as confined', async (user, relay, CapAdd) => {
    await using runner = await runnerOf(echoTarget, { socketAccess: 'relay', relayImage: nodeImage, user });
    const place = await runner.makePlace();
    const [id = ''] = await containersOf();
    expect(await docker('inspect', '--format', '{{.Config.User}}', id)).toBe(relay);
    const config = await hostConfig();
    expect(config).toMatchObject({
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      PidsLimit: 256,
    });
    expect(config['CapAdd'] ?? []).toEqual(CapAdd);
    await untilEchoes(await runner.launch({ ...unaborted(), place }));
  });
});
