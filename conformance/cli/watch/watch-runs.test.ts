import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UsageError } from '../../plan/usage-error.ts';
import { sampleReport, sampleResults } from '../../report/testing/sample-report.ts';
import type { CaseChoice, LoopSubject } from '../loop/loop-subject.ts';
import { contextOf } from '../testing/run-words.ts';
import { watchRuns } from './watch-runs.ts';

let folder: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'runs-')));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const failing = sampleReport(sampleResults.slice(0, 3));
const passing = sampleReport(
  sampleResults.slice(0, 3).map((result) => ({ ...result, outcome: { kind: 'passed' as const } })),
);
const failedCase = 'sessions/unknown-session';
const target = { words: [], folder: '/' };
const known = new Set(['health/ok']);

/** What one run of the subject does. */
type Run = (signal: AbortSignal) => Promise<{ readonly report: typeof failing; readonly exitCode: number }>;

const red: Run = async () => ({ report: failing, exitCode: 1 });
const green: Run = async () => ({ report: passing, exitCode: 0 });
const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
const untilAborted: Run = async (signal) => {
  await aborted(signal);
  return { report: failing, exitCode: 1 };
};

interface Watched {
  readonly runs: readonly Run[];
  /** Called when the nth run, counted from 1, begins. */
  readonly onBegin?: (run: number) => void;
  /** Called when the nth run has finished. */
  readonly onFinished?: (run: number) => void;
  readonly onlyFailed?: boolean;
  readonly signal?: AbortSignal;
}

const change = (name: string) => void writeFile(join(folder, name), `${Math.random()}`);

/** Watches the folder with the given runs, and quits with the key q when the last of them has finished. */
async function watched({ runs, onBegin, onFinished, onlyFailed = false, signal }: Watched) {
  const choices: CaseChoice[] = [];
  const warnings: string[] = [];
  let output = '';
  let press: (key: string) => void = () => {};
  let listening = false;
  const subject: LoopSubject = {
    label: 'the target',
    targets: [target],
    watched: async () => ({ files: [], folders: [{ path: folder }], sockets: [], images: [] }),
    run: async (choice, context, onReport) => {
      choices.push(choice);
      const number = choices.length;
      onBegin?.(number);
      const { report, exitCode } = (await runs[number - 1]?.(context.signal)) ?? {
        report: failing,
        exitCode: 9,
      };
      await onReport(target, report);
      return exitCode;
    },
  };
  const context = contextOf({
    output: {
      isTTY: true,
      columns: 80,
      write: (text) => {
        output += text;
        if (!text.includes('\nwatching ')) return;
        onFinished?.(choices.length);
        if (choices.length === runs.length) press('q');
      },
    },
    warn: (message) => warnings.push(message),
    keys: {
      listen: (onKey) => {
        press = onKey;
        listening = true;
        return {
          [Symbol.dispose]: () => {
            listening = false;
          },
        };
      },
    },
    ...(signal === undefined ? {} : { signal }),
  });
  const loop = { failed: onlyFailed, watch: true, watchPaths: [] };
  const options = { loop, remember: async () => {}, failed: async () => known };
  const exitCode = await watchRuns(subject, options, context);
  return { exitCode, choices, output, warnings, listening, press: (key: string) => press(key) };
}

test('runs again after a change, the failed cases first, and compares the runs', async () => {
  const { exitCode, choices, output, listening } = await watched({
    runs: [red, green],
    onFinished: (run) => run === 1 && change('a.py'),
  });
  expect(choices).toEqual([{ first: known }, { first: new Set([failedCase]) }]);
  expect(output).toContain(`changed: ${join(folder, 'a.py')}\n`);
  expect(output).toContain(`since the last run\n  now passing    1: ${failedCase}\n`);
  expect(output).toContain('Enter: all cases, f: failed cases, q: quit\n');
  expect(exitCode).toBe(0);
  expect(listening).toBe(false);
});

test('names newly failing cases', async () => {
  const { exitCode, output } = await watched({
    runs: [green, red],
    onFinished: (run) => run === 1 && change('a.py'),
  });
  expect(output).toContain(`since the last run\n  newly failing  1: ${failedCase}\n`);
  expect(exitCode).toBe(1);
});

test('a change ends the current run, and the run after it is complete', async () => {
  const { exitCode, choices, output } = await watched({
    runs: [untilAborted, green],
    onBegin: (run) => run === 1 && change('a.py'),
  });
  expect(choices).toHaveLength(2);
  expect(output.match(/^watching /gm)).toHaveLength(1);
  expect(exitCode).toBe(0);
});

test('a target that changes files during every run does not keep a run from finishing', async () => {
  const { choices, output } = await watched({
    runs: [untilAborted, untilAborted, untilAborted, green],
    onBegin: (run) => run < 4 && change(`${run}.py`),
  });
  expect(choices).toHaveLength(4);
  expect(output.match(/^changed: /gm)).toHaveLength(3);
});

describe('--failed', () => {
  test('selects the cases that failed last and, once none fails, all cases', async () => {
    const { choices } = await watched({
      runs: [red, green, green],
      onlyFailed: true,
      onFinished: (run) => run < 3 && change(`${run}.py`),
    });
    expect(choices).toEqual([{ only: known }, { only: new Set([failedCase]) }, {}]);
  });
});

test('reports an error of a later run and keeps watching', async () => {
  const { warnings, choices } = await watched({
    runs: [
      red,
      async () => {
        throw new UsageError('the fixture is invalid');
      },
      red,
    ],
    onFinished: (run) => run < 3 && change(`${run}.py`),
  });
  expect(warnings).toEqual(['error: the fixture is invalid']);
  expect(choices).toHaveLength(3);
});

test('rejects with an error of the first run', async () => {
  const broken: Run = async () => {
    throw new UsageError('no such case');
  };
  await expect(watched({ runs: [broken] })).rejects.toThrow('no such case');
});

test('a signal ends the current run and the watch', async () => {
  const interruption = new AbortController();
  const { exitCode, output } = await watched({
    runs: [untilAborted],
    onBegin: () => interruption.abort(new Error('interrupted by SIGINT')),
    signal: interruption.signal,
  });
  expect(output).toBe('');
  expect(exitCode).toBe(3);
});
