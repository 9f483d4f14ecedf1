import { expect, test } from 'vitest';
import { dataCase } from '../../testing/data-case.ts';
import { mayBegin } from './applicability.ts';

test('begins each case in the earliest phase that provides the information it needs', () => {
  const cases = [
    dataCase('plain', []),
    dataCase('tool', [], { needs: { tools: ['echo'] } }),
    dataCase('capability', [], { level: 'capability:resume' }),
    dataCase('launch', [], { needs: { runner: ['launch'] } }),
    dataCase('launch-and-tool', [], { needs: { runner: ['launch'], tools: ['echo'] } }),
    dataCase('launch-and-capability', [], { needs: { runner: ['launch'], capabilities: ['resume'] } }),
  ];
  const phases = ['starting', 'ready', 'surveyed'] as const;
  const begin = phases.map((phase) => cases.filter((each) => mayBegin(each, phase)).map(({ id }) => id));
  const ready = ['suite/plain', 'suite/capability', 'suite/launch', 'suite/launch-and-capability'];
  expect(begin).toEqual([['suite/launch'], ready, cases.map(({ id }) => id)]);
});
