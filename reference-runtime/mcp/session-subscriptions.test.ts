import { expect, test } from 'vitest';
import { SessionSubscriptions } from './session-subscriptions.ts';

test('MCP-18: only open subscriptions count, and each of them counts once', () => {
  let held = 0;
  const begin = () => {
    if (held === 3) return undefined;
    held += 1;
    return () => {
      held -= 1;
    };
  };
  const subscriptions = new SessionSubscriptions(2, begin);
  expect([subscriptions.add('a'), subscriptions.add('a'), subscriptions.add('b')]).toEqual([
    true,
    true,
    true,
  ]);
  expect([subscriptions.add('c'), held]).toEqual([false, 2]);
  subscriptions.remove('a');
  subscriptions.remove('a');
  expect([subscriptions.add('c'), held]).toEqual([true, 2]);
  const others = new SessionSubscriptions(2, begin);
  expect([others.add('a'), others.add('b'), held]).toEqual([true, false, 3]);
  subscriptions.close();
  expect([subscriptions.add('a'), [...subscriptions.uris], held]).toEqual([false, [], 1]);
});
