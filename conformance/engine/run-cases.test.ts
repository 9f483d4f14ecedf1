import { describe, expect, test } from 'vitest';
import type { DataCase } from '../case/case.ts';
import { dataCase } from '../testing/data-case.ts';
import type { CaseContext, Driver, RunningTarget, StartingTarget } from './driver.ts';
import { NotCheckableError, StepFailure } from './failure.ts';
import { type EngineOptions, TargetError } from './options.ts';
import type { CaseResult, RunListener, RunResult } from './result.ts';
import { runCases } from './run-cases.ts';

type Attempt = (testCase: DataCase, context: CaseContext) => Promise<void>;
type FakeDriver = Driver<DataCase, RunningTarget>;

const facts = { label: 'fake', kind: 'fake' };

/** A driver without a target. Each case runs `attempt`. */
function driverOf(
  attempt: Attempt,
  more: Partial<FakeDriver> & { readonly starting?: Partial<StartingTarget<DataCase, RunningTarget>> } = {},
): FakeDriver {
  const { starting, ...members } = more;
  return {
    start: async () => ({
      ready: Promise.resolve(),
      facts: Promise.resolve(facts),
      attempt: (testCase, _target, context) => ({
        run: () => attempt(testCase, context),
        timeUp: (limitMs) => new StepFailure(`no end within ${limitMs} ms`),
        [Symbol.asyncDispose]: async () => {},
      }),
      ...starting,
    }),
    arrange: (cases) => cases,
    mayBegin: () => true,
    reasonNotToRun: () => undefined,
    acquire: async () => ({ gone: undefined, logs: undefined }),
    ...members,
  };
}

function run(
  driver: FakeDriver,
  cases: readonly DataCase[],
  more: Partial<EngineOptions<DataCase>> = {},
): Promise<RunResult> {
  return runCases(driver, {
    cases,
    settings: { level: 'strict', capabilities: [], narrowed: false, failOnSkip: false },
    concurrency: 4,
    keepWire: false,
    knownFailures: new Map(),
    signal: new AbortController().signal,
    listener: {},
    ...more,
  });
}

const named = (...names: string[]) => names.map((name) => dataCase(name, []));
const never = () => new Promise<void>(() => {});
const kindsOf = ({ results }: RunResult) => results.map(({ outcome }) => outcome.kind);

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

describe('the outcome of a case', () => {
  test('depends on what its steps throw', async () => {
    const thrown: Readonly<Record<string, unknown>> = {
      fails: new StepFailure('unexpected status'),
      skips: new NotCheckableError('not on this target'),
      breaks: new TypeError('a defect of\nthe kit'),
    };
    const driver = driverOf(async ({ title }) => {
      if (title in thrown) throw thrown[title];
    });
    const { results } = await run(driver, named('passes', 'fails', 'skips', 'breaks'));
    expect(results.map(({ outcome }) => outcome)).toMatchObject([
      { kind: 'passed' },
      { kind: 'failed', failure: { summary: 'unexpected status' } },
      { kind: 'skipped', reason: 'not on this target' },
      { kind: 'broken', reason: 'TypeError: a defect of the kit' },
    ]);
  });

  test('names the last step that began, and the enclosing step of a nested one', async () => {
    const driver = driverOf(async ({ steps: [, second] }, { onStep }) => {
      if (second !== undefined) onStep({ verb: 'nested', argument: {}, source: second.source });
      throw new StepFailure('no');
    });
    const { results } = await run(driver, [dataCase('one', [{ invoke: {} }, { repeat: {} }])]);
    expect(results[0]?.outcome).toMatchObject({ failure: { step: { number: 2, verb: 'nested', line: 2 } } });
  });

  test('reports the exit of the target even if a step fails first', async () => {
    const gone = new AbortController();
    const driver = driverOf(
      async () => {
        setTimeout(() => gone.abort(new Error('the target ended')), 5);
        throw new StepFailure('the connection broke');
      },
      { acquire: async () => ({ gone: gone.signal, logs: undefined }) },
    );
    const { results } = await run(driver, named('one'));
    expect(results[0]?.outcome).toMatchObject({
      failure: { summary: 'the target ended while this case ran' },
    });
  });

  test('keeps the wire events of failed cases, and those of passed cases on request', async () => {
    const driver = driverOf(async ({ title }, { log }) => {
      log.add('call', 'sent', title);
      if (title === 'fails') throw new StepFailure('no');
    });
    const wire = async (keepWire: boolean) =>
      (await run(driver, named('passes', 'fails'), { keepWire })).results.map((each) => each.wire.length);
    expect(await wire(false)).toEqual([0, 1]);
    expect(await wire(true)).toEqual([1, 1]);
  });
});

describe('time limits', () => {
  test('scale with the default and end a case that hangs', async () => {
    const cases = [
      dataCase('usual', [], { deadlineMs: 20_000 }),
      dataCase('long', [], { deadlineMs: 60_000 }),
    ];
    const { results } = await run(driverOf(never), cases, { caseTimeoutMs: 20 });
    expect(results.map(({ outcome }) => outcome)).toMatchObject([
      { failure: { summary: 'no end within 20 ms' } },
      { failure: { summary: 'no end within 60 ms' } },
    ]);
  });

  test('stop the run if almost every case exceeds its limit, after ending a silent target', async () => {
    let asked = 0;
    const driver = driverOf(never, {
      endIfSilent: async () => {
        asked += 1;
      },
    });
    const cases = named(...Array.from({ length: 30 }, (_, index) => `case-${index}`));
    const result = await run(driver, cases, { caseTimeoutMs: 20, concurrency: 1 });
    expect(kindsOf(result).filter((kind) => kind === 'failed')).toHaveLength(24);
    expect(result.interrupted).toBe('almost every case exceeded its time limit');
    expect(asked).toBe(23);
  });
});

describe('the order of cases', () => {
  test('follows the driver, with exclusive cases last; results keep the order of the cases', async () => {
    const begun: string[] = [];
    let beside = 0;
    const driver = driverOf(
      async ({ title, alone }) => {
        begun.push(title);
        beside += 1;
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (alone) expect(beside).toBe(1);
        beside -= 1;
      },
      { arrange: (cases) => [...cases].reverse() },
    );
    const alone = ['first', 'second'].map((name) => dataCase(name, [], { alone: true }));
    const result = await run(driver, [...alone, ...named('third', 'fourth')]);
    expect(kindsOf(result)).toEqual(['passed', 'passed', 'passed', 'passed']);
    expect(begun).toEqual(['fourth', 'third', 'second', 'first']);
    expect(result.results.map(({ case: head }) => head.title)).toEqual([
      'first',
      'second',
      'third',
      'fourth',
    ]);
  });

  test('respects the phase of the target that each case needs', async () => {
    const ready = deferred();
    const surveyed = deferred();
    const begun: string[] = [];
    const events: string[] = [];
    const driver = driverOf(
      async ({ title }) => {
        begun.push(title);
        if (title === 'starting') ready.resolve();
        if (title === 'ready') surveyed.resolve();
      },
      {
        mayBegin: ({ title }, phase) => title === phase || phase === 'surveyed',
        starting: { ready: ready.promise, facts: surveyed.promise.then(() => facts) },
      },
    );
    const listener: RunListener = {
      onStart: () => events.push('start'),
      onCaseEnd: (result) => events.push(`${result.case.title} ended`),
    };
    await run(driver, named('surveyed', 'ready', 'starting'), { listener });
    expect(begun).toEqual(['starting', 'ready', 'surveyed']);
    expect(events).toEqual(['start', 'starting ended', 'ready ended', 'surveyed ended']);
  });
});

describe('a repeated run', () => {
  test('runs each case once in every round, and counts the attempts', async () => {
    const runs: string[] = [];
    const driver = driverOf(async ({ title }) => {
      runs.push(title);
      if (title === 'flaky' && runs.filter((each) => each === title).length === 2)
        throw new StepFailure('no');
    });
    const rounds: string[] = [];
    const ended: string[] = [];
    const listener = {
      onAttemptEnd: ({ case: { title } }: CaseResult, round: number) => rounds.push(`${title} ${round}`),
      onCaseEnd: ({ case: { title } }: CaseResult) => ended.push(title),
    };
    const cases = [...named('flaky', 'well'), dataCase('alone', [], { alone: true })];
    const { results } = await run(driver, cases, { repeat: 3, concurrency: 1, listener });
    expect(runs).toEqual([1, 2, 3].flatMap(() => ['flaky', 'well', 'alone']));
    expect(rounds).toHaveLength(9);
    expect(rounds.at(-1)).toBe('alone 3');
    expect(ended).toEqual(['flaky', 'well', 'alone']);
    expect(results).toMatchObject([
      { outcome: { kind: 'failed' }, attempts: { passed: 2, failed: 1 } },
      { outcome: { kind: 'passed' }, attempts: { passed: 3, failed: 0 } },
      { outcome: { kind: 'passed' }, attempts: { passed: 3, failed: 0 } },
    ]);
  });

  test('stops after a number of failed cases, and keeps the earlier outcomes', async () => {
    let attempts = 0;
    const driver = driverOf(async ({ title }) => {
      attempts += 1;
      if (title === 'flaky' && attempts > 2) throw new StepFailure('no');
    });
    const result = await run(driver, named('well', 'flaky'), { repeat: 5, bail: 1, concurrency: 1 });
    expect(attempts).toBe(4);
    expect(result.results.map((each) => each.attempts)).toEqual([
      { passed: 2, failed: 0 },
      { passed: 1, failed: 1 },
    ]);
    expect(result.interrupted).toBe('an earlier case failed (--bail)');
  });
});

test('begins preferred cases before the others', async () => {
  const runs: string[] = [];
  const driver = driverOf(async ({ title }) => {
    runs.push(title);
  });
  await run(driver, named('a', 'b', 'c', 'd'), { first: new Set(['suite/c', 'suite/b']), concurrency: 1 });
  expect(runs).toEqual(['b', 'c', 'a', 'd']);
});

describe('a run that stops', () => {
  test('runs until the given number of cases have failed', async () => {
    const driver = driverOf(async ({ title }) => {
      if (title !== 'passes') throw new StepFailure('no');
    });
    const result = await run(driver, named('one', 'passes', 'two', 'three'), { bail: 2, concurrency: 1 });
    expect(kindsOf(result)).toEqual(['failed', 'passed', 'failed', 'not-run']);
    expect(result.interrupted).toBe('2 cases failed (--bail 2)');
  });

  test('marks the remaining cases as not run, and ignores advice and known failures', async () => {
    const driver = driverOf(async () => {
      throw new StepFailure('no');
    });
    const cases = [dataCase('advice', [], { advisory: true }), ...named('known', 'fails', 'other')];
    const knownFailures = new Map([['suite/known', { reason: 'issue 1' }]]);
    const result = await run(driver, cases, { bail: 1, concurrency: 1, knownFailures });
    expect(kindsOf(result)).toEqual(['failed', 'failed', 'failed', 'not-run']);
    expect(result.results[1]?.known).toEqual({ reason: 'issue 1' });
    expect(result.interrupted).toBe('an earlier case failed (--bail)');
  });

  test('gives the reason of an interruption and aborts running cases immediately', async () => {
    const interruption = new AbortController();
    const driver = driverOf(async () => {
      interruption.abort(new Error('interrupted by SIGINT'));
      await never();
    });
    const options = { signal: interruption.signal, concurrency: 1 };
    const result = await run(driver, named('one', 'other'), options);
    expect(result.results.map(({ outcome }) => outcome)).toEqual([
      { kind: 'not-run', reason: 'the run was interrupted' },
      { kind: 'not-run', reason: 'interrupted by SIGINT' },
    ]);
    expect(result.interrupted).toBe('interrupted by SIGINT');
  });

  test('reports a lost target', async () => {
    const lost = new TargetError('gone', 'the target is lost', { advice: '', logs: [] });
    const driver = driverOf(async () => {}, { acquire: () => Promise.reject(lost) });
    const result = await run(driver, named('one', 'other'), { concurrency: 1 });
    expect(kindsOf(result)).toEqual(['not-run', 'not-run']);
    expect(result.interrupted).toBe('the target is lost');
  });

  test('rejects if the target never becomes ready, after the running case has ended', async () => {
    const ready = deferred();
    let ended = false;
    const error = new TargetError('not-ready', 'no target', { advice: '', logs: [] });
    const driver = driverOf(
      async (_, { signal }) => {
        ready.resolve();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        ended = true;
      },
      {
        starting: {
          ready: ready.promise.then(() => Promise.reject(error)),
          facts: ready.promise.then(() => Promise.reject(error)),
        },
      },
    );
    await expect(run(driver, named('one'))).rejects.toBe(error);
    expect(ended).toBe(true);
  });
});

describe('a case that fails beside others', () => {
  const independence = { case: 'suite/independent', clause: 'RPC-11' };

  /** Fails while another case runs, unless the case is named `innocent`. Fails always if it is named `guilty`. */
  function disturbed(): { attempt: Attempt; order: string[] } {
    const order: string[] = [];
    const both = deferred();
    let running = 0;
    const attempt: Attempt = async ({ title }) => {
      order.push(title);
      running += 1;
      if (running === 2) both.resolve();
      const isFirstRound = order.length <= 2;
      if (isFirstRound) await both.promise;
      running -= 1;
      if (isFirstRound || title === 'guilty')
        throw new StepFailure(isFirstRound ? 'disturbed' : 'its own fault');
    };
    return { attempt, order };
  }

  test('runs again alone, and only its own failure counts', async () => {
    const { attempt, order } = disturbed();
    const ended: string[] = [];
    const { results } = await run(driverOf(attempt, { independence }), named('guilty', 'disturbed'), {
      listener: { onCaseEnd: ({ case: { title } }) => ended.push(title) },
    });
    expect(results.map(({ outcome }) => outcome)).toMatchObject([
      { kind: 'failed', failure: { summary: 'its own fault', clauses: ['RPC-1'] } },
      {
        kind: 'blocked',
        passesAlone: true,
        by: independence,
        failure: { summary: 'passes alone, but not beside other cases: disturbed', clauses: [] },
      },
    ]);
    expect(order).toHaveLength(4);
    expect(ended).toEqual(['guilty', 'disturbed']);
  });

  test('does not prove its clause if the target exits and cannot be used any more', async () => {
    const survival = { case: 'suite/survives', clause: 'LIFE-3' };
    const gone = new AbortController();
    let running = 0;
    const attempt: Attempt = () => {
      running += 1;
      if (running === 2) gone.abort(new Error('the target exited'));
      return never();
    };
    const acquire = async () => {
      if (gone.signal.aborted)
        throw new TargetError('gone', 'the target keeps exiting', { advice: '', logs: [] });
      return { gone: gone.signal, logs: undefined };
    };
    const { results } = await run(
      driverOf(attempt, { independence, survival, acquire }),
      named('one', 'other'),
    );
    expect(results.map(({ outcome }) => outcome)).toMatchObject([
      { kind: 'blocked', by: survival, failure: { summary: 'the target exited while several cases ran' } },
      { kind: 'blocked', by: survival, failure: { clauses: [] } },
    ]);
  });

  test.each([
    ['no other case can disturb it', { concurrency: 1 }],
    ['the run stops at a failure', { bail: 9 }],
    ['its failure is known', { knownFailures: new Map([['suite/guilty', { reason: 'known' }]]) }],
  ])('does not run again if %s', async (_reason, more: Partial<EngineOptions<DataCase>>) => {
    let attempts = 0;
    const attempt: Attempt = async () => {
      attempts += 1;
      throw new StepFailure('fails');
    };
    const result = await run(driverOf(attempt, { independence }), named('guilty'), more);
    expect([attempts, kindsOf(result)]).toEqual([1, ['failed']]);
  });

  test('does not run again after several cases exceeded their time limit alone', async () => {
    const attempts = new Map<string, number>();
    const attempt: Attempt = ({ id }) => {
      attempts.set(id, (attempts.get(id) ?? 0) + 1);
      return never();
    };
    const cases = Array.from({ length: 6 }, (_, index) => dataCase(`${index}`, [], { deadlineMs: 20 }));
    const result = await run(driverOf(attempt, { independence }), cases);
    expect(kindsOf(result)).toEqual(Array.from({ length: 6 }, () => 'failed'));
    expect([...attempts.values()].reduce((sum, each) => sum + each)).toBe(10);
  });
});
