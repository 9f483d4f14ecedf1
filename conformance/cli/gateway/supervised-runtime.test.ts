import { afterEach, expect, test } from 'vitest';
import { createEmbeddedRunner } from '../../../runners/embedded/runner.ts';
import type { Instance, Runner } from '../../../runners/runner.ts';
import { awaitReady } from '../../drivers/runtime/ready.ts';
import { SupervisedRuntime } from './supervised-runtime.ts';

const readiness = { timeoutMs: 30_000, signal: new AbortController().signal };
let runner: Runner | undefined;
afterEach(() => runner?.[Symbol.asyncDispose]());

/** Creates a runner that reports every launch. */
function watched(onLaunch: (instance: Instance) => void): Runner {
  const embedded = createEmbeddedRunner();
  return {
    label: embedded.label,
    kind: embedded.kind,
    controls: embedded.controls,
    sessionsOutliveRun: false,
    makePlace: () => embedded.makePlace(),
    launch: async (options) => {
      const instance = await embedded.launch(options);
      onLaunch(instance);
      return instance;
    },
    [Symbol.asyncDispose]: () => embedded[Symbol.asyncDispose](),
  };
}

test('restarts a runtime with the same place until it is disposed', {
  timeout: 60_000,
}, async () => {
  const launched: Instance[] = [];
  const warnings: string[] = [];
  let onNext: (instance: Instance) => void = () => {};
  runner = watched((instance) => {
    launched.push(instance);
    onNext(instance);
  });
  const { timeoutMs: readyTimeoutMs, signal } = readiness;
  const runtime = await SupervisedRuntime.start({
    runner,
    readyTimeoutMs,
    signal,
    warn: (message) => warnings.push(message),
  });
  const again = new Promise<Instance>((resolve) => {
    onNext = resolve;
  });
  await launched[0]?.signal('SIGKILL');
  const second = await again;
  expect(second.address).toEqual(runtime.address);
  await awaitReady(second, readiness);
  expect(warnings).toEqual(['the runtime was killed by SIGKILL; restarting it']);
  await runtime[Symbol.asyncDispose]();
  await expect(second.exit).resolves.toEqual({ code: 0, signal: null });
  expect(launched).toHaveLength(2);
});
