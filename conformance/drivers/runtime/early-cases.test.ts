import { expect, test } from 'vitest';
import type { Instance, Runner, RunnerControl } from '../../../runners/runner.ts';
import type { DataCase } from '../../case/case.ts';
import { TargetError } from '../../engine/options.ts';
import type { RunListener } from '../../engine/result.ts';
import { dataCase } from '../../testing/data-case.ts';
import { runOn } from '../../testing/run-on.ts';
import { type Script, ScriptedTarget } from '../../testing/scripted-target.ts';

/** A runner that gives each instance a script and counts the running instances. */
class ScriptedFleet implements Runner {
  readonly label = 'scripted fleet';
  readonly kind = 'command';
  readonly sessionsOutliveRun = false;
  readonly controls: ReadonlySet<RunnerControl> = new Set(['launch']);
  readonly #script: (number: number) => Script;
  launched = 0;
  running = 0;

  /** @param script returns the script of an instance by its number, starting at 0 */
  constructor(script: (number: number) => Script) {
    this.#script = script;
  }

  async launch(): Promise<Instance> {
    const instance = await new ScriptedTarget(this.#script(this.launched++)).launch();
    this.running += 1;
    return {
      ...instance,
      [Symbol.asyncDispose]: async () => {
        this.running -= 1;
        await instance[Symbol.asyncDispose]();
      },
    };
  }

  makePlace(): Promise<never> {
    return Promise.reject(new Error('a scripted target does not support socket places'));
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** Answers the survey like a runtime with an empty catalog. */
const servesNothing: Script = { invoke: () => ({ status: 404 }), closeSession: () => ({ status: 404 }) };

/** Answers HealthCheck with "ok" once `isReady` returns true. */
function readyWhen(isReady: () => boolean): Script {
  return {
    ...servesNothing,
    get health() {
      return { status: isReady() ? 'ok' : 'starting' };
    },
  };
}

function launching(launch: Readonly<Record<string, unknown>>, deadlineMs = 5_000): DataCase {
  const steps = [{ launch: { as: 'instance', ...launch } }];
  // A case of both eras may begin before the target declares its eras.
  return dataCase('launching', steps, {
    revisions: ['2025-11-25', '2026-07-28'],
    needs: { runner: ['launch'] },
    deadlineMs,
  });
}

test('starts a case that launches a target while the shared target starts, and reports the case after the run starts', async () => {
  let second = false;
  const fleet = new ScriptedFleet((number) =>
    readyWhen(() => {
      second ||= number === 1;
      return second;
    }),
  );
  const events: string[] = [];
  const listener: RunListener = {
    onStart: () => events.push('start'),
    onCaseStart: ({ id }) => events.push(`${id} begins`),
    onCaseEnd: ({ case: { id }, outcome }) => events.push(`${id} ${outcome.kind}`),
  };
  const { results } = await runOn(fleet, [launching({})], { listener });
  expect(results.map(({ outcome }) => outcome.kind)).toEqual(['passed']);
  expect(events).toEqual(['start', 'suite/launching begins', 'suite/launching passed']);
  expect(fleet.running).toBe(0);
});

test('ends the instances of launching cases if the target never becomes ready', async () => {
  const fleet = new ScriptedFleet(() => readyWhen(() => false));
  const running = runOn(fleet, [launching({})], { readyTimeoutMs: 300 });
  await expect(running).rejects.toSatisfy(
    (error) =>
      error instanceof TargetError && error.message.startsWith('the target was not ready within 0.3 s'),
  );
  expect(fleet.launched).toBe(2);
  expect(fleet.running).toBe(0);
});

test('excludes the start of an instance from the time limit of a case', async () => {
  let asked = 0;
  // With at most one HealthCheck per 25 ms, the start takes several times the time limit of the case.
  const fleet = new ScriptedFleet((number) => readyWhen(() => number === 0 || ++asked > 20));
  const { results } = await runOn(fleet, [launching({}, 100)]);
  expect(results.map(({ outcome }) => outcome)).toEqual([{ kind: 'passed' }]);
});

test('fails a case immediately if an instance serves although it was expected to exit', async () => {
  const fleet = new ScriptedFleet(() => readyWhen(() => true));
  const { results } = await runOn(fleet, [launching({ expect: { exit: { code: 1, signal: null } } })]);
  expect(results[0]?.outcome).toMatchObject({
    kind: 'failed',
    failure: { summary: 'the target is ready, but was expected to exit' },
  });
});

test('fails a case if an instance neither serves nor exits within the ready timeout', async () => {
  // The target becomes ready, and so does the instance that proves that a second one can start.
  const fleet = new ScriptedFleet((number) => readyWhen(() => number < 2));
  const expected = { expect: { exit: { code: 1, signal: null } } };
  const { results } = await runOn(fleet, [launching(expected)], { readyTimeoutMs: 300 });
  expect(results[0]?.outcome).toMatchObject({
    kind: 'failed',
    failure: { summary: 'the target did not exit within 0.3 s' },
  });
});
