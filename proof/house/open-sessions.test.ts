import { expect, test } from 'vitest';
import { isObject } from '../../base/is-object.ts';
import { loadOwnFixtures } from '../../conformance/load/compiled.ts';

/** Targets may permit few sessions, and each session of a hosted stdio server is a process. */
const mostOpen = 8;

/** Returns how often a verb occurs in written steps, at any depth. */
function count(value: unknown, verb: string): number {
  if (Array.isArray(value)) return value.reduce((sum, each) => sum + count(each, verb), 0);
  if (!isObject(value)) return 0;
  const within = Object.values(value).reduce<number>((sum, each) => sum + count(each, verb), 0);
  return within + (Object.hasOwn(value, verb) ? 1 : 0);
}

test('a case closes sessions before it has opened many', async () => {
  const { cases } = await loadOwnFixtures();
  const open = cases.map(({ id, steps }) => {
    const written = steps.map(({ verb, argument }) => ({ [verb]: argument }));
    const opened = count(written, 'session') + count(written, 'initialize');
    return { id, open: opened - count(written, 'closeSession') };
  });
  expect(open.some(({ open }) => open > 0)).toBe(true);
  expect(open.filter(({ open }) => open > mostOpen)).toEqual([]);
});
