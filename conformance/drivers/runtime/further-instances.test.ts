import { describe, expect, it } from 'vitest';
import type { Instance, LogLine, Runner } from '../../../runners/runner.ts';
import { dataCase } from '../../testing/data-case.ts';
import { runOn } from '../../testing/run-on.ts';
import { ScriptedTarget } from '../../testing/scripted-target.ts';

const line: LogLine = { at: 0, stream: 'stderr', text: 'Address already in use' };

/** An instance that has exited with code 1 after writing a line to stderr. */
const ended: Instance = {
  address: { kind: 'unix', path: '/nonexistent/socket' },
  place: undefined,
  exit: Promise.resolve({ code: 1, signal: null }),
  logs: { between: () => [line], last: () => [line], ended: Promise.resolve() },
  mainProcess: async () => undefined,
  signal: async () => undefined,
  diagnose: async () => undefined,
  [Symbol.asyncDispose]: async () => undefined,
};

/** Makes a target whose instances exit immediately, except for the first one. */
function singleInstance(): Runner {
  const first = new ScriptedTarget({
    invoke: () => ({ status: 500 }),
    closeSession: () => ({ status: 404 }),
  });
  return {
    label: 'single instance',
    kind: 'command',
    sessionsOutliveRun: false,
    controls: new Set(['launch', 'environment']),
    makePlace: () => first.makePlace(),
    launch: () => (first.launches === 0 ? first.launch() : Promise.resolve(ended)),
    [Symbol.asyncDispose]: () => first[Symbol.asyncDispose](),
  };
}

const exitsWithError = { launch: { as: 'other', expect: { exit: { code: { $not: 0 } } } } };

describe('a target that supports a single instance', () => {
  it('blocks cases that expect an exit, because the exit may have another reason', async () => {
    await using runner = singleInstance();
    const { results } = await runOn(runner, [
      dataCase('one', [exitsWithError]),
      dataCase('two', [exitsWithError]),
    ]);
    const outcomes = results.map(({ outcome }) => outcome);
    expect(outcomes).toMatchObject([{ kind: 'blocked', by: { clause: 'LIFE-3' } }, { kind: 'blocked' }]);
    expect(outcomes[0]).toMatchObject({
      failure: {
        summary: expect.stringMatching(
          /^a second instance cannot start, .* exit code 1 before it was ready$/,
        ),
      },
    });
  });

  it('reports the log of the instance that exited', async () => {
    await using runner = singleInstance();
    const { results } = await runOn(runner, [dataCase('one', [{ launch: { as: 'other' } }])]);
    expect(results[0]).toMatchObject({ outcome: { kind: 'blocked' }, logs: [line], logsOf: 'instance' });
  });
});
