import { expect, it } from 'vitest';
import { codeProblem, containsCodeProblem } from './json-rpc-codes.ts';

it.each([1.5, Number.NaN, -32768, -32604, -32500, -32100])('reports the error code %d', (code) => {
  expect(containsCodeProblem(`JSONRPC-12: ${codeProblem(code)} (a/b)`)).toBe(true);
});

it.each([0, 1, -32700, -32603, -32602, -32601, -32600, -32769, -32099, -32000])(
  'permits the error code %d',
  (code) => {
    expect(codeProblem(code)).toBeUndefined();
  },
);

it('does not find other problems', () => {
  expect(containsCodeProblem('an error has no message')).toBe(false);
});
