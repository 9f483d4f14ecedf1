import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RuntimeLink, RuntimeUnreachableError } from './runtime-connection.ts';

const hourMs = 3_600_000;
const connectMs = 500;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Returns a link to a runtime that is down, and its health checks. */
function linkToNothing() {
  const healthCheck = vi.fn(() => Promise.reject(new Error('connection refused')));
  const unused = () => Promise.reject(new Error('not called'));
  const connection = {
    connected: false,
    healthCheck,
    invoke: unused,
    closeSession: unused,
    invokeStream: () => {
      throw new Error('not called');
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return { link: new RuntimeLink(connection, connectMs), healthCheck };
}

test.each([
  ['back', -hourMs],
  ['ahead', hourMs],
])('a clock that jumps %s does not change the time for which a call waits', async (_, jumpMs) => {
  const { link, healthCheck } = linkToNothing();
  const startedMs = performance.now();
  const asked = link.capabilities();
  await vi.waitUntil(() => healthCheck.mock.calls.length > 1);
  vi.setSystemTime(Date.now() + jumpMs);
  await expect(asked).rejects.toThrow(RuntimeUnreachableError);
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(connectMs);
});
