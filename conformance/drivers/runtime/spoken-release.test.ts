import { expect, test } from 'vitest';
import { RuntimeRelease } from './spoken-release.ts';

const since11 = { release: '1.1' } as const;
const withSessions = { release: '1.1', orWithSessions: true } as const;

test('a runtime without capabilities is of release 1.0', () => {
  const release = new RuntimeRelease(undefined);
  expect(release.decides(undefined)).toBe(true);
  expect(release.decides(since11)).toBe(false);
  release.noteCapabilities([]);
  expect([release.decides(since11), release.includes(since11)]).toEqual([true, false]);
  expect(release.decides(withSessions)).toBe(false);
  release.noteSessions(true);
  expect([release.decides(withSessions), release.includes(withSessions)]).toEqual([true, true]);
  expect(release.leavesSessionsOptional).toBe(true);
  expect(release.facts(3)).toEqual({ release: '1.0', origin: 'detected', hasSessions: true, leftOut: 3 });
});

test('a runtime with any capability is of the newest release', () => {
  const release = new RuntimeRelease(undefined);
  release.noteCapabilities(['contract-1.1']);
  expect([release.decides(withSessions), release.includes(withSessions)]).toEqual([true, true]);
  expect(release.leavesSessionsOptional).toBe(false);
});

test('a requested release overrides the declared one', () => {
  const release = new RuntimeRelease('1.1');
  expect([release.decides(since11), release.includes(since11)]).toEqual([true, true]);
  release.noteCapabilities([]);
  release.noteSessions(false);
  expect(release.includes(withSessions)).toBe(true);
  expect(release.facts(0)).toEqual({ release: '1.1', origin: 'requested', hasSessions: false, leftOut: 0 });
});
