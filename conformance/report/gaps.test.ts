import { expect, test } from 'vitest';
import type { CaseOutcome, ServedKind } from '../engine/result.ts';
import { dataCase } from '../testing/data-case.ts';
import { adviceFor, gapsOf } from './gaps.ts';
import { sampleReport } from './testing/sample-report.ts';

function unserved(kind: ServedKind, name: string): CaseOutcome {
  return {
    kind: 'skipped',
    reason: `the target does not serve ${kind} ${name}`,
    notServed: { kind, name },
  };
}

function reportOf(outcomes: readonly CaseOutcome[]) {
  const results = outcomes.map((outcome, index) => ({
    case: dataCase(`${index}`, []),
    outcome,
    startedAt: 0,
    durationMs: 0,
    wire: [],
    logs: [],
  }));
  return sampleReport(results);
}

test('joins all items that the target does not serve into one gap, by kind', () => {
  const gaps = gapsOf(
    reportOf([
      { kind: 'skipped', reason: 'the kit cannot stop the target' },
      unserved('tool', 'echo'),
      unserved('prompt', 'greet'),
      unserved('tool', 'add'),
      unserved('tool', 'echo'),
    ]),
  );
  expect(gaps).toEqual([
    {
      reason: 'the target does not serve: tools echo, add; prompt greet',
      cases: ['suite/1', 'suite/2', 'suite/3', 'suite/4'],
    },
    { reason: 'the kit cannot stop the target', cases: ['suite/0'] },
  ]);
});

test('keeps the reason of a single item', () => {
  const gaps = gapsOf(reportOf([unserved('tool', 'echo'), unserved('tool', 'echo')]));
  expect(gaps).toEqual([{ reason: 'the target does not serve tool echo', cases: ['suite/0', 'suite/1'] }]);
});

test('keeps the reason of each case in the verdict', () => {
  const { verdict } = reportOf([unserved('tool', 'echo'), unserved('tool', 'add')]);
  expect(verdict.uncovered.map(({ reason }) => reason)).toEqual([
    'the target does not serve tool echo',
    'the target does not serve tool add',
  ]);
});

test('names the line of configuration that closes a gap', () => {
  const [gap] = gapsOf(reportOf([{ kind: 'skipped', reason: 'needs a tool that fails', role: 'failing' }]));
  expect(gap).toEqual({
    reason: 'needs a tool that fails',
    cases: ['suite/0'],
    configuration: 'tools: { failing: { name: NAME, arguments: { } } }',
  });
  expect(gap && adviceFor(gap)).toBe(
    'add to mcp-runtime-conformance.yaml: tools: { failing: { name: NAME, arguments: { } } }',
  );
});
