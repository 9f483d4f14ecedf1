import { expect, test } from 'vitest';
import type { CaseNeeds, DataCase } from '../case/case.ts';
import { CaseQueue, type Knowledge } from './case-queue.ts';

function caseOf(id: string, needs: CaseNeeds, more: Partial<DataCase> = {}): DataCase {
  return {
    kind: 'data',
    id,
    suite: 'x',
    title: id,
    clauses: ['RPC-1'],
    level: 'core',
    revisions: [],
    needs,
    alone: false,
    deadlineMs: 1_000,
    source: { file: 'x.yaml', line: 1 },
    steps: [],
    ...more,
  };
}

const cases = [
  caseOf('plain', {}),
  caseOf('tool', { tools: ['echo'] }),
  caseOf('capability', {}, { level: 'capability:resume' }),
  caseOf('launch', { runner: ['launch'] }),
  caseOf('launch-and-tool', { runner: ['launch'], tools: ['echo'] }),
  caseOf('launch-and-capability', { runner: ['launch'], capabilities: ['resume'] }),
];

function taken(queue: CaseQueue, knowledge: Knowledge, launchingFirst: boolean): readonly string[] {
  const ids: string[] = [];
  for (let next = queue.take(knowledge, launchingFirst); next; next = queue.take(knowledge, launchingFirst)) {
    ids.push(next.id);
  }
  return ids;
}

test('a case begins when enough is known of the target for it', () => {
  const queue = new CaseQueue(cases);
  expect(taken(queue, 'starting', false)).toEqual(['launch']);
  expect(taken(queue, 'ready', false)).toEqual(['plain', 'capability', 'launch-and-capability']);
  expect(queue.isEmpty).toBe(false);
  expect(taken(queue, 'surveyed', false)).toEqual(['tool', 'launch-and-tool']);
  expect(queue.isEmpty).toBe(true);
});

test('cases that start processes come first where they are asked for, and last elsewhere', () => {
  const launching = ['launch', 'launch-and-tool', 'launch-and-capability'];
  const others = ['plain', 'tool', 'capability'];
  expect(taken(new CaseQueue(cases), 'surveyed', true)).toEqual([...launching, ...others]);
  expect(taken(new CaseQueue(cases), 'surveyed', false)).toEqual([...others, ...launching]);
});
