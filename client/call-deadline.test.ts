import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { isEndAtDeadline } from './call-deadline.ts';

describe('a call ends because of its deadline', () => {
  const [passed, later] = [performance.now() - 1, performance.now() + 60_000];

  it.each([
    ['if the runtime says so', status.DEADLINE_EXCEEDED, later, true],
    ['if the runtime resets its stream then', status.CANCELLED, passed, true],
    ['but not if the runtime resets its stream earlier', status.CANCELLED, later, false],
    ['but not if the call has no deadline', status.CANCELLED, Infinity, false],
    ['but not if it fails otherwise', status.UNAVAILABLE, passed, false],
  ])('%s', (_, code, endMs, isEnd) => {
    expect(isEndAtDeadline(code, endMs)).toBe(isEnd);
  });
});
