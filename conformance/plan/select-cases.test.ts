import { describe, expect, test } from 'vitest';
import type { CaseHead, CaseLevel } from '../case/case.ts';
import type { Selection } from './select-cases.ts';
import { checkCapabilities, selectCases } from './select-cases.ts';
import { UsageError } from './usage-error.ts';

function head(id: string, level: CaseLevel = 'core'): CaseHead {
  return {
    id,
    suite: id.split('/')[0] ?? '',
    title: '',
    clauses: ['RPC-1'],
    level,
    revisions: [],
    needs: { capabilities: id === 'streams/head' ? ['stream-head'] : [] },
    alone: false,
    deadlineMs: 1,
    source: { file: 'f', line: 1 },
  };
}

const sampleCases = [
  head('calls/unknown-method'),
  head('calls/unknown-path', 'strict'),
  head('sessions/close'),
  head('sessions/ids', 'strict'),
  head('resume/replay', 'capability:resume'),
  { ...head('resume/lost', 'capability:resume'), strictOnly: true },
  head('streams/head'),
];

function select(selection: Partial<Selection>): readonly string[] {
  const whole: Selection = { level: 'strict', capabilities: [], suites: [], cases: [], ...selection };
  return selectCases(sampleCases, whole).map(({ id }) => id);
}

describe('selectCases', () => {
  test.each<[string, Partial<Selection>, readonly string[]]>([
    ['every case at level strict', {}, sampleCases.map(({ id }) => id)],
    [
      'cases of capabilities at level core',
      { level: 'core' },
      ['calls/unknown-method', 'sessions/close', 'resume/replay', 'streams/head'],
    ],
    ['a suite', { suites: ['sessions'] }, ['sessions/close', 'sessions/ids']],
    ['suites by glob', { suites: ['s*'] }, ['sessions/close', 'sessions/ids', 'streams/head']],
    ['a case', { cases: ['sessions/close'] }, ['sessions/close']],
    ['cases of a suite by glob', { cases: ['calls/*'] }, ['calls/unknown-method', 'calls/unknown-path']],
    ['a case by its name without the suite', { cases: ['replay'] }, ['resume/replay']],
    [
      'cases by glob without the suite',
      { cases: ['unknown-*', 'i?s'] },
      ['calls/unknown-method', 'calls/unknown-path', 'sessions/ids'],
    ],
    [
      'cases by a glob with braces',
      { cases: ['{calls/unknown-path,sessions/close}'] },
      ['calls/unknown-path', 'sessions/close'],
    ],
    ['the intersection of suites and cases', { suites: ['calls'], cases: ['*path'] }, ['calls/unknown-path']],
  ])('selects %s', (_, selection, ids) => {
    expect(select(selection)).toEqual(ids);
  });

  test.each<[Partial<Selection>, string]>([
    [{ suites: ['sesions'] }, '--suite sesions matches nothing; did you mean sessions?'],
    [{ cases: ['sessions/clos'] }, '--case sessions/clos matches nothing; did you mean sessions/close?'],
    [{ cases: ['replya'] }, '--case replya matches nothing; did you mean resume/replay?'],
    [
      { cases: ['sessions/zzzzzzzzzz'] },
      '--case sessions/zzzzzzzzzz matches nothing; --list shows all names',
    ],
    [{ cases: ['close', 'zzzzzzzzzz*'] }, '--case zzzzzzzzzz* matches nothing; --list shows all names'],
    [{ suites: ['calls'], cases: ['close'] }, 'no case matches both --suite and --case'],
    [{ level: 'core', cases: ['ids'] }, 'no selected case is at level core; use --level strict'],
  ])('rejects %j', (selection, message) => {
    expect(() => select(selection)).toThrow(new UsageError(message));
  });
});

describe('checkCapabilities', () => {
  test('accepts capabilities that cases check or need', () => {
    expect(() => checkCapabilities(['resume', 'stream-head'], sampleCases)).not.toThrow();
  });

  test('suggests the nearest capability', () => {
    const message = '--capability resum: no case checks that capability; did you mean resume?';
    expect(() => checkCapabilities(['resum'], sampleCases)).toThrow(new UsageError(message));
  });

  test('lists all capabilities if none is similar', () => {
    const message =
      '--capability x: no case checks that capability; known capabilities: resume or stream-head';
    expect(() => checkCapabilities(['x'], sampleCases)).toThrow(new UsageError(message));
  });
});
