import { describe, expect, test } from 'vitest';
import type { CaseOutcome, CaseResult, RunResult, RunSettings } from '../engine/result.ts';
import { judge } from './verdict.ts';

const outcomes: Readonly<Record<string, CaseOutcome>> = {
  pass: { kind: 'passed' },
  fail: { kind: 'failed', failure: { summary: 'status 200, not 404', differences: [], clauses: ['RPC-1'] } },
  broken: { kind: 'broken', reason: 'no such variable' },
  skip: { kind: 'skipped', reason: 'needs tool echo' },
  undeclared: { kind: 'not-declared', capability: 'resume' },
  notrun: { kind: 'not-run', reason: 'stopped by --bail' },
};

/** Makes results named `s/1`, `s/2`, ... from words such as `pass fail known:fail`. */
function results(words: string): readonly CaseResult[] {
  return words
    .split(' ')
    .filter((word) => word !== '')
    .map((word, index) => {
      const [first = '', second] = word.split(':');
      const outcome = outcomes[second ?? first];
      if (outcome === undefined) throw new Error(`no outcome ${word}`);
      return {
        case: {
          id: `s/${index + 1}`,
          suite: 's',
          title: '',
          clauses: ['RPC-1'],
          level: 'core',
          ...(first === 'advice' ? { advisory: true } : {}),
          revisions: ['2025-11-25'],
          needs: {},
          alone: false,
          deadlineMs: 20_000,
          source: { file: 'fixtures/cases/s.yaml', line: 1 },
        },
        outcome,
        ...(first === 'known' ? { known: { reason: 'issue 7' } } : {}),
        ...(first === 'unsteady' ? { known: { reason: 'issue 8', mayFail: true } } : {}),
        startedAt: 0,
        durationMs: 1,
        wire: [],
        logs: [],
      };
    });
}

function run(words: string, flags = ''): RunResult {
  const has = (flag: string): boolean => flags.split(' ').includes(flag);
  const settings: RunSettings = {
    level: has('core') ? 'core' : 'strict',
    capabilities: has('demand') ? ['resume'] : [],
    narrowed: has('narrowed'),
    failOnSkip: has('fail-on-skip'),
    ...(has('era:legacy') ? { era: 'legacy' } : {}),
    ...(has('shard') ? { shard: { index: 2, of: 5, total: 400 } } : {}),
  };
  const checked = has('modern-only')
    ? (['modern'] as const)
    : has('both')
      ? (['legacy', 'modern'] as const)
      : (['legacy'] as const);
  return {
    settings,
    target: {
      label: 'embedded',
      kind: 'embedded',
      eras: { checked, origin: has('era:legacy') ? 'requested' : 'declared', leftOut: 0 },
      health: { status: 'ok', mode: 'full', version: '1', capabilities: has('declares') ? ['resume'] : [] },
    },
    results: results(words),
    startedAt: 0,
    durationMs: 1,
    ...(has('cut') ? { interrupted: 'SIGINT' } : {}),
  };
}

describe('judge', () => {
  // outcomes | flags | exit code | conformant | sentence
  test.each([
    // All cases ran.
    ['pass pass', '', 0, true, 'conformant at strict: 2 of 2 cases passed'],
    ['pass pass', 'core', 0, true, 'conformant at core: 2 of 2 cases passed'],
    ['pass fail', '', 1, false, 'not conformant at strict: 1 of 2 cases failed'],
    ['fail fail', 'core', 1, false, 'not conformant at core: 2 of 2 cases failed'],

    // Eras.
    ['pass', 'both', 0, true, 'conformant at strict: 1 of 1 cases passed'],
    ['pass', 'modern-only', 0, true, 'conformant at strict in the modern era: 1 of 1 cases passed'],
    ['pass', 'era:legacy', 0, true, 'conformant at strict in the legacy era: 1 of 1 cases passed'],
    ['fail', 'modern-only', 1, false, 'not conformant at strict in the modern era: 1 of 1 cases failed'],

    // Advice.
    ['pass advice:pass', '', 0, true, 'conformant at strict: 2 of 2 cases passed'],
    ['pass advice:fail', '', 0, true, 'conformant at strict: 1 of 2 cases passed, 1 against advice'],
    [
      'pass known:fail advice:fail skip',
      '',
      0,
      true,
      'conformant at strict except for 1 known failure, in the cases that ran: 1 of 4 cases passed, 1 against advice, 1 skipped',
    ],
    ['fail advice:fail', '', 1, false, 'not conformant at strict: 1 of 2 cases failed, 1 against advice'],
    ['advice:fail', 'narrowed', 0, false, '0 of 1 selected cases passed, 1 against advice'],
    ['advice:fail', '', 1, false, 'not conformant at strict: 0 of 1 cases passed, 1 against advice'],

    // Known failures.
    ['pass known:fail', '', 0, true, 'conformant at strict except for 1 known failure: 1 of 2 cases passed'],
    [
      'pass known:fail known:fail',
      '',
      0,
      true,
      'conformant at strict except for 2 known failures: 1 of 3 cases passed',
    ],
    ['pass fail known:fail', '', 1, false, 'not conformant at strict: 1 of 3 cases failed, 1 known failure'],
    ['pass unsteady:pass', '', 0, true, 'conformant at strict: 2 of 2 cases passed'],
    [
      'pass unsteady:fail',
      '',
      0,
      true,
      'conformant at strict except for 1 known failure: 1 of 2 cases passed',
    ],
    ['pass known:pass', '', 1, false, 'not conformant at strict: 1 stale known failure'],
    [
      'pass fail known:pass known:pass',
      '',
      1,
      false,
      'not conformant at strict: 1 of 4 cases failed, 2 stale known failures',
    ],
    ['known:fail', '', 1, false, 'not conformant at strict: 0 of 1 cases passed, 1 known failure'],
    [
      'pass known:skip',
      '',
      0,
      true,
      'conformant at strict in the cases that ran: 1 of 2 cases passed, 1 skipped',
    ],
    ['pass known:broken', '', 3, false, 'no verdict at strict: 1 broken, 1 of 2 cases passed'],
    ['pass known:notrun', '', 3, false, 'no verdict at strict: 1 not run, 1 of 2 cases passed'],
    ['pass known:undeclared', '', 0, true, 'conformant at strict: 1 of 1 cases passed'],

    // Skipped.
    ['pass skip', '', 0, true, 'conformant at strict in the cases that ran: 1 of 2 cases passed, 1 skipped'],
    [
      'pass skip',
      'fail-on-skip',
      1,
      false,
      'not conformant at strict: 1 of 2 cases passed, 1 skipped (--fail-on-skip)',
    ],
    ['pass pass', 'fail-on-skip', 0, true, 'conformant at strict: 2 of 2 cases passed'],
    ['pass fail skip', '', 1, false, 'not conformant at strict: 1 of 3 cases failed, 1 skipped'],
    [
      'pass fail skip',
      'fail-on-skip',
      1,
      false,
      'not conformant at strict: 1 of 3 cases failed, 1 skipped (--fail-on-skip)',
    ],
    [
      'pass known:fail skip',
      '',
      0,
      true,
      'conformant at strict except for 1 known failure, in the cases that ran: 1 of 3 cases passed, 1 skipped',
    ],

    // A run with broken cases or cases that did not run is never green.
    ['pass broken', '', 3, false, 'no verdict at strict: 1 broken, 1 of 2 cases passed'],
    ['pass notrun', '', 3, false, 'no verdict at strict: 1 not run, 1 of 2 cases passed'],
    ['fail broken', '', 1, false, 'not conformant at strict: 1 of 2 cases failed, 1 broken'],
    ['fail notrun', '', 1, false, 'not conformant at strict: 1 of 2 cases failed, 1 not run'],
    [
      'pass known:fail broken notrun skip',
      '',
      3,
      false,
      'no verdict at strict: 1 broken, 1 not run, 1 of 5 cases passed, 1 known failure, 1 skipped',
    ],
    [
      'pass skip broken',
      'fail-on-skip',
      1,
      false,
      'not conformant at strict: 1 of 3 cases passed, 1 skipped (--fail-on-skip), 1 broken',
    ],
    [
      'pass notrun',
      'cut',
      3,
      false,
      'no verdict at strict: 1 not run, stopped early: SIGINT, 1 of 2 cases passed',
    ],
    ['pass pass', 'cut', 3, false, 'no verdict at strict: stopped early: SIGINT, 2 of 2 cases passed'],
    ['pass fail', 'cut', 1, false, 'not conformant at strict: 1 of 2 cases failed, stopped early: SIGINT'],

    // Capabilities.
    ['pass undeclared', '', 0, true, 'conformant at strict: 1 of 1 cases passed'],
    ['pass undeclared', 'fail-on-skip', 0, true, 'conformant at strict: 1 of 1 cases passed'],
    [
      'pass undeclared',
      'demand',
      1,
      false,
      'not conformant at strict: required capability resume is not declared',
    ],
    ['pass pass', 'demand declares', 0, true, 'conformant at strict: 2 of 2 cases passed'],
    [
      'fail undeclared',
      'demand',
      1,
      false,
      'not conformant at strict: 1 of 1 cases failed, required capability resume is not declared',
    ],

    // No case ran.
    ['', '', 3, false, 'no cases ran: the selection is empty'],
    ['', 'narrowed', 3, false, 'no cases ran: the selection is empty'],
    ['skip skip', '', 3, false, 'no cases ran: 2 skipped'],
    ['undeclared', '', 3, false, 'no cases ran: 1 not declared'],
    ['skip undeclared', 'narrowed', 3, false, 'no cases ran: 1 skipped, 1 not declared'],
    [
      'skip',
      'fail-on-skip',
      1,
      false,
      'not conformant at strict: 0 of 1 cases passed, 1 skipped (--fail-on-skip)',
    ],

    // Neither a shard nor a narrowed run makes a claim about the level.
    ['pass pass', 'shard', 0, false, '2 of 2 cases of shard 2/5 passed'],
    ['pass fail', 'shard', 1, false, '1 of 2 cases of shard 2/5 failed'],
    ['pass notrun', 'shard', 3, false, 'incomplete: 1 not run, 1 of 2 cases of shard 2/5 passed'],
    ['known:fail', 'shard', 0, false, '0 of 1 cases of shard 2/5 passed, 1 known failure'],
    ['', 'shard', 3, false, 'no cases of shard 2/5 ran: the selection is empty'],
    ['pass', 'narrowed shard', 0, false, '1 of 1 selected cases of shard 2/5 passed'],
    ['pass pass', 'narrowed', 0, false, '2 of 2 selected cases passed'],
    [
      'pass known:fail skip',
      'narrowed',
      0,
      false,
      '1 of 3 selected cases passed, 1 known failure, 1 skipped',
    ],
    ['known:fail', 'narrowed', 0, false, '0 of 1 selected cases passed, 1 known failure'],
    ['pass fail', 'narrowed', 1, false, '1 of 2 selected cases failed'],
    [
      'pass skip',
      'narrowed fail-on-skip',
      1,
      false,
      '1 of 2 selected cases passed, 1 skipped (--fail-on-skip)',
    ],
    ['pass broken', 'narrowed', 3, false, 'incomplete: 1 broken, 1 of 2 selected cases passed'],
    ['known:pass', 'narrowed', 1, false, '1 stale known failure'],
    ['pass undeclared', 'narrowed demand', 1, false, 'required capability resume is not declared'],
  ] as const)('judges "%s" with flags "%s"', (words, flags, exitCode, conformant, sentence) => {
    const verdict = judge(run(words, flags));
    expect({
      exitCode: verdict.exitCode,
      conformant: verdict.conformant,
      sentence: verdict.sentence,
    }).toEqual({
      exitCode,
      conformant,
      sentence,
    });
  });

  test('counts each result once', () => {
    const { counts } = judge(
      run('pass pass fail known:fail known:pass advice:fail broken skip undeclared notrun'),
    );
    expect(counts).toEqual({
      total: 10,
      unstable: 0,
      passed: 3,
      blocked: 0,
      failed: 1,
      broken: 1,
      skipped: 1,
      notDeclared: 1,
      notRun: 1,
      knownFailures: 1,
      advice: 1,
    });
  });

  test('lists the gaps, the largest group first', () => {
    const verdict = judge(run('broken skip undeclared pass skip notrun known:fail known:pass', 'demand'));
    expect(verdict.uncovered).toEqual([
      { reason: 'needs tool echo', cases: ['s/2', 's/5'] },
      { reason: 'broken (the kit could not run the case): no such variable', cases: ['s/1'] },
      { reason: 'not run: stopped by --bail', cases: ['s/6'] },
    ]);
    expect(verdict.notDeclared).toEqual([{ capability: 'resume', cases: ['s/3'] }]);
    expect(verdict.missingCapabilities).toEqual(['resume']);
    expect(verdict.known).toEqual([{ case: 's/7', reason: 'issue 7' }]);
    expect(verdict.stale).toEqual(['s/8']);
  });

  test('treats a target without a health response as declaring no capabilities', () => {
    const { target, ...rest } = run('pass', 'demand');
    const verdict = judge({ ...rest, target: { label: target.label, kind: target.kind } });
    expect(verdict.missingCapabilities).toEqual(['resume']);
    expect(verdict.exitCode).toBe(1);
  });

  test('names the protocols, unless the run was over gRPC alone', () => {
    const { settings, ...rest } = run('pass');
    const sentenceOver = (transport: 'grpc' | 'http' | 'both') =>
      judge({ ...rest, settings: { ...settings, transport } }).sentence;
    expect(sentenceOver('grpc')).toMatch(/^conformant at strict:/);
    expect(sentenceOver('http')).toMatch(/^conformant at strict over HTTP:/);
    expect(sentenceOver('both')).toMatch(/^conformant at strict over gRPC and HTTP:/);
  });
});
