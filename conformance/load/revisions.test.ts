import { expect, test } from 'vitest';
import { legacyRevisions } from '../case/era.ts';
import { allRevisions, describeRevisions, expandRevisions } from './revisions.ts';

test.each([
  [['legacy'], legacyRevisions],
  [['modern'], ['2026-07-28']],
  [['all'], allRevisions],
  [['2026-07-28', 'legacy'], allRevisions],
  [
    ['2025-06-18', '2024-11-05', '2025-06-18'],
    ['2024-11-05', '2025-06-18'],
  ],
  [['nonsense'], []],
])('expandRevisions expands %j to %j', (names, revisions) => {
  expect(expandRevisions(names)).toEqual(revisions);
});

test.each([
  [legacyRevisions, 'legacy'],
  [allRevisions, 'all'],
  [['2026-07-28'], 'modern'],
  [['2025-06-18', '2026-07-28'], '2025-06-18, 2026-07-28'],
])('describeRevisions abbreviates %j to %s', (revisions, text) => {
  expect(describeRevisions(revisions)).toBe(text);
});
