import { expect, test } from 'vitest';
import { dataCase } from '../testing/data-case.ts';
import { CaseQueue } from './case-queue.ts';

const cases = [
  dataCase('plain', []),
  dataCase('tool', [], { needs: { tools: ['echo'] } }),
  dataCase('launch', [], { needs: { runner: ['launch'] } }),
  dataCase('launch-and-tool', [], { needs: { runner: ['launch'], tools: ['echo'] } }),
];
type Case = (typeof cases)[number];

function taken(queue: CaseQueue<Case>, mayBegin: (each: Case) => boolean, launchingFirst: boolean) {
  const ids: string[] = [];
  for (let next = queue.take(mayBegin, launchingFirst); next; next = queue.take(mayBegin, launchingFirst)) {
    ids.push(next.id);
  }
  return ids;
}

test('keeps cases that may not begin yet', () => {
  const queue = new CaseQueue(cases);
  expect(taken(queue, ({ needs }) => needs.tools === undefined, false)).toEqual([
    'suite/plain',
    'suite/launch',
  ]);
  expect(queue.isEmpty).toBe(false);
  expect(taken(queue, () => true, false)).toEqual(['suite/tool', 'suite/launch-and-tool']);
  expect(queue.isEmpty).toBe(true);
});

test('prefers the cases that start processes only on request', () => {
  const launching = ['suite/launch', 'suite/launch-and-tool'];
  const others = ['suite/plain', 'suite/tool'];
  expect(taken(new CaseQueue(cases), () => true, true)).toEqual([...launching, ...others]);
  expect(taken(new CaseQueue(cases), () => true, false)).toEqual([...others, ...launching]);
});
