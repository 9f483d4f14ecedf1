import { expect, test } from 'vitest';
import type { RequestMessage } from '../mcp/envelope.ts';
import { withPlaceholders } from './exact-tokens.ts';

const request: RequestMessage = {
  kind: 'request',
  text: '{}',
  id: '12345678901234567890',
  method: 'tools/call',
  params: { _meta: { progressToken: 1e20, other: 1 }, name: 'a' },
  progressToken: '100000000000000000001',
};

test('restores ids and progress tokens that a number cannot hold', () => {
  const { message, restore } = withPlaceholders(request);
  expect(message.params).toMatchObject({ _meta: { other: 1 }, name: 'a' });
  expect(restore(JSON.stringify({ id: message.id }))).toBe('{"id":12345678901234567890}');
  expect(restore(JSON.stringify(message))).toContain('"progressToken":100000000000000000001');
});

test('leaves a progress token of another type to the validation of params', () => {
  const params = { _meta: { progressToken: [1] } };
  expect(withPlaceholders({ ...request, params, progressToken: '[1]' }).message.params).toEqual(params);
});

test('keeps text that looks like a replacement pattern', () => {
  const { message, restore } = withPlaceholders({ ...request, id: '"$&$1"' });
  expect(restore(JSON.stringify(message.id))).toBe('"$&$1"');
});
