import { expect, test } from 'vitest';
import { dataCase } from '../../testing/data-case.ts';
import { CaseQueue, type TargetPhase } from './case-queue.ts';

const cases = [
  dataCase('plain', []),
  dataCase('tool', [], { needs: { tools: ['echo'] } }),
  dataCase('capability', [], { level: 'capability:resume' }),
  dataCase('launch', [], { needs: { runner: ['launch'] } }),
  dataCase('launch-and-tool', [], { needs: { runner: ['launch'], tools: ['echo'] } }),
  dataCase('launch-and-capability', [], { needs: { runner: ['launch'], capabilities: ['resume'] } }),
];

function taken(queue: CaseQueue, phase: TargetPhase, launchingFirst: boolean): readonly string[] {
  const ids: string[] = [];
  for (let next = queue.take(phase, launchingFirst); next; next = queue.take(phase, launchingFirst)) {
    ids.push(next.id);
  }
  return ids;
}

test('a case begins when enough is known of the target for it', () => {
  const queue = new CaseQueue(cases);
  expect(taken(queue, 'starting', false)).toEqual(['suite/launch']);
  expect(taken(queue, 'ready', false)).toEqual([
    'suite/plain',
    'suite/capability',
    'suite/launch-and-capability',
  ]);
  expect(queue.isEmpty).toBe(false);
  expect(taken(queue, 'surveyed', false)).toEqual(['suite/tool', 'suite/launch-and-tool']);
  expect(queue.isEmpty).toBe(true);
});

test('cases that start processes come first where they are asked for, and last elsewhere', () => {
  const launching = ['suite/launch', 'suite/launch-and-tool', 'suite/launch-and-capability'];
  const others = ['suite/plain', 'suite/tool', 'suite/capability'];
  expect(taken(new CaseQueue(cases), 'surveyed', true)).toEqual([...launching, ...others]);
  expect(taken(new CaseQueue(cases), 'surveyed', false)).toEqual([...others, ...launching]);
});
