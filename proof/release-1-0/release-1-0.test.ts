import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSocketRunner, findingsOf, type RunResult, runSuite } from '../../conformance/index.ts';
import { loadOwnFixtures } from '../../conformance/load/compiled.ts';
import { makeFolderPlace } from '../../runners/socket-place.ts';
import { createChanged } from '../harness/start-runtime.ts';
import { differencesBetween } from './differences.ts';
import { release10Hooks } from './hooks.ts';

const suites = [
  'compatibility',
  'handshake',
  'health',
  'mcp-prompts',
  'mcp-tools',
  'sessions',
  'stream-post',
];

describe('a runtime of contract release 1.0', () => {
  const runtime = createChanged({ hooks: release10Hooks });
  const place = makeFolderPlace();

  beforeAll(async () => runtime.listen((await place).hostPath));
  afterAll(async () => {
    await runtime.close({ drainMs: 1 });
    await (await place)[Symbol.asyncDispose]();
  });

  async function check(contract?: '1.1'): Promise<RunResult> {
    const { cases, identities } = await loadOwnFixtures();
    await using runner = createSocketRunner({ path: (await place).hostPath });
    return await runSuite({
      runner,
      identities,
      cases: cases.filter(({ suite }) => suites.includes(suite)),
      settings: { level: 'strict', capabilities: [], narrowed: false, failOnSkip: false, contract },
      concurrency: 8,
      readyTimeoutMs: 10_000,
      keepWire: false,
      knownFailures: new Map(),
      signal: new AbortController().signal,
      listener: {},
    });
  }

  test('is detected and not blamed for what release 1.1 added', async () => {
    const { target, results } = await check();
    expect(target.contract).toMatchObject({ release: '1.0', origin: 'detected', hasSessions: false });
    expect(target.surveyProblem).toBeUndefined();
    expect(findingsOf(results)).toEqual([]);
    const ran = new Set(results.map(({ case: head }) => head.suite));
    expect([...ran]).toEqual(expect.arrayContaining(['compatibility', 'mcp-prompts', 'mcp-tools']));
    expect(ran.has('stream-post')).toBe(false);
    expect(results.some(({ case: head }) => head.clauses.includes('SESSION-3'))).toBe(false);
  });

  test('has findings about sessions if it is checked against release 1.1', async () => {
    const { target, results } = await check('1.1');
    expect(target.contract).toMatchObject({ release: '1.1', origin: 'requested', leftOut: 0 });
    const [first, ...others] = findingsOf(results);
    expect(first).toMatchObject({ clause: 'INIT-1' });
    expect(others.length).toBeLessThan(14);
  });
});

test('differencesBetween names every case that two runs disagree on', () => {
  const passed = { kind: 'passed' };
  const failed = { kind: 'failed', summary: 'too late' };
  const first = new Map([
    ['a', passed],
    ['b', failed],
    ['c', passed],
  ]);
  const other = new Map([
    ['a', passed],
    ['b', passed],
    ['d', failed],
  ]);
  expect(differencesBetween(first, first)).toEqual([]);
  expect(differencesBetween(first, other)).toEqual([
    'b: passed, but failed in the first run: too late',
    'c: no result, but passed in the first run',
    'd: failed, but no result in the first run: too late',
  ]);
});
