import { describe, expect, it } from 'vitest';
import { settle } from './alone.ts';
import type { CaseOutcome, CaseResult } from './result.ts';

const by = { case: 'independent', clause: 'RPC-11' };

function result(outcome: CaseOutcome, more: Partial<CaseResult> = {}): CaseResult {
  const head = { id: 'a', suite: 's', title: 'A', clauses: ['SESSION-4'], level: 'core' };
  return {
    case: head as unknown as CaseResult['case'],
    outcome,
    startedAt: 0,
    durationMs: 0,
    wire: [],
    logs: [],
    ...more,
  };
}

const failure = (summary: string) => ({ summary, clauses: ['SESSION-4'], differences: [] });
const failed = (summary: string, more?: Partial<CaseResult>) =>
  result({ kind: 'failed', failure: failure(summary) }, more);
const blocked = (summary: string, more?: Partial<CaseResult>) =>
  result({ kind: 'blocked', failure: failure(summary), by }, more);
const passed = result({ kind: 'passed' });

describe('the result of a case that failed beside others and ran again alone', () => {
  const [closing, noRoom] = [failed('got 400'), blocked('got 429', { lackedRoom: true })];

  it.each([
    ['is its failure alone', closing, failed('got 500'), 'got 500'],
    ['is its failure beside others if it lacks room alone', closing, noRoom, 'got 400'],
    [
      'is its failure alone if it lacked room both times',
      noRoom,
      blocked('got 503', { lackedRoom: true }),
      'got 503',
    ],
    [
      'names the other cases if it passes alone',
      closing,
      passed,
      'passes alone, but not beside other cases: got 400',
    ],
  ])('%s', (_, beside, alone, summary) => {
    expect(settle(beside, alone, by).outcome).toMatchObject({ failure: { summary } });
  });

  it('is that alone if it lacked room beside others', () => {
    expect(settle(noRoom, passed, by)).toBe(passed);
  });
});
