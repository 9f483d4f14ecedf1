import { expect, test } from 'vitest';
import { isUnknownNotification } from './mcp-methods.ts';

const jsonrpc = '2.0';

test.each([
  [{ jsonrpc, method: 'notifications/com.example/usage' }, true],
  [{ jsonrpc, method: 'com.example/bare', params: {} }, true],
  [{ jsonrpc, method: 'notifications/message', params: {} }, false],
  [{ jsonrpc, method: 'ping' }, false],
  [{ jsonrpc, id: 1, method: 'com.example/question' }, false],
  [{ jsonrpc, method: 'com.example/bare', result: {} }, false],
  [{ jsonrpc, id: 1, result: {} }, false],
  [{ jsonrpc, method: 5 }, false],
  ['notifications/com.example/usage', false],
])('%j is an unknown notification: %s', (message, expected) => {
  expect(isUnknownNotification(message)).toBe(expected);
});
