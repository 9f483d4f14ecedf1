import { expect, test } from 'vitest';
import type { Instance, Runner, RunnerControl } from '../../../runners/runner.ts';
import type { DataCase } from '../../case/case.ts';
import { TargetError } from '../../engine/options.ts';
import type { RunListener } from '../../engine/result.ts';
import { dataCase } from '../../testing/data-case.ts';
import { runOn } from '../../testing/run-on.ts';
import { type Script, ScriptedTarget } from '../../testing/scripted-target.ts';

/** A runner whose every instance follows a script of its own, and which tells how many still run. */
class ScriptedFleet implements Runner {
  readonly label = 'scripted fleet';
  readonly kind = 'command';
  readonly sessionsOutliveRun = false;
  readonly controls: ReadonlySet<RunnerControl> = new Set(['launch']);
  readonly #script: (number: number) => Script;
  launched = 0;
  running = 0;

  /** @param script of the first instance launched, the second and so on, counted from 0 */
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

/** Answers the survey like a runtime that serves nothing. */
const servesNothing: Script = { invoke: () => ({ status: 404 }), closeSession: () => ({ status: 404 }) };

/** Answers HealthCheck with "ok" as soon as that is so. */
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
  return dataCase('launching', steps, { needs: { runner: ['launch'] }, deadlineMs });
}

test('a case that launches begins while the target starts, and is told of after the start of the run', async () => {
  let second = false;
  const fleet = new ScriptedFleet((number) =>
    readyWhen(() => {
      second ||= number === 1;
      return second;
    }),
  );
  const told: string[] = [];
  const listener: RunListener = {
    onStart: () => told.push('start'),
    onCaseStart: ({ id }) => told.push(`${id} begins`),
    onCaseEnd: ({ case: { id }, outcome }) => told.push(`${id} ${outcome.kind}`),
  };
  const { results } = await runOn(fleet, [launching({})], { listener });
  expect(results.map(({ outcome }) => outcome.kind)).toEqual(['passed']);
  expect(told).toEqual(['start', 'suite/launching begins', 'suite/launching passed']);
  expect(fleet.running).toBe(0);
});

test('where the target is never ready, what a case has launched meanwhile ends too', async () => {
  const fleet = new ScriptedFleet(() => readyWhen(() => false));
  const running = runOn(fleet, [launching({})], { readyTimeoutMs: 300 });
  await expect(running).rejects.toSatisfy(
    (error) =>
      error instanceof TargetError && error.message.startsWith('the target was not ready within 0.3 s'),
  );
  expect(fleet.launched).toBe(2);
  expect(fleet.running).toBe(0);
});

test('how long an instance takes to start does not count as time of the case', async () => {
  let asked = 0;
  // Asked every 25 ms at most, it needs several times the deadline of the case.
  const fleet = new ScriptedFleet((number) => readyWhen(() => number === 0 || ++asked > 20));
  const { results } = await runOn(fleet, [launching({}, 100)]);
  expect(results.map(({ outcome }) => outcome)).toEqual([{ kind: 'passed' }]);
});

test('an instance that serves where it had to end fails the case at once', async () => {
  const fleet = new ScriptedFleet(() => readyWhen(() => true));
  const { results } = await runOn(fleet, [launching({ expect: { exit: { code: 1, signal: null } } })]);
  expect(results[0]?.outcome).toMatchObject({
    kind: 'failed',
    failure: { summary: 'the target is ready, though it had to end with an exit code' },
  });
});

test('so does one that neither serves nor ends, when the time to start is over', async () => {
  const fleet = new ScriptedFleet((number) => readyWhen(() => number === 0));
  const expected = { expect: { exit: { code: 1, signal: null } } };
  const { results } = await runOn(fleet, [launching(expected)], { readyTimeoutMs: 300 });
  expect(results[0]?.outcome).toMatchObject({
    kind: 'failed',
    failure: { summary: 'the target did not end within 0.3 s' },
  });
});
