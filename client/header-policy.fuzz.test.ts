import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuzzRuns } from '../base/testing/fuzz-runs.ts';
import { type HeaderPair, headersForCaller, headersForRuntime, hopByHop } from './header-policy.ts';

const knownNames = [
  ...['Connection', 'X-ContextForge-Auth', 'x_contextforge_auth', 'X-Forwarded-Internally', 'Host', 'Cookie'],
  ...[
    'Authorization',
    'Mcp-Session-Id',
    'Content-Length',
    'Transfer-Encoding',
    '__proto__',
    'Accept',
    'accept',
  ],
];
const name = fc.oneof(fc.constantFrom(...knownNames), fc.string({ unit: 'binary', maxLength: 8 }));
const value = fc.oneof(
  fc.constantFrom('accept', 'a, Accept ,, x', 'close, mcp-session-id', ' a\t', 'a\r\nb: c', 'a\0'),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const pairs = fc.array(fc.tuple(name, value), { maxLength: 8 }).map((all): HeaderPair[] => all);
const forbidden =
  /^(?:x[-_]forwarded[-_]|x[-_]contextforge[-_]|cookie$|authorization$|host$|content[-_]length$)/;

test('only safe fields reach the runtime, and a second pass changes nothing', () => {
  fc.assert(
    fc.property(pairs, (source) => {
      const fields = headersForRuntime(source);
      for (const [field, content] of Object.entries(fields)) {
        expect(field).toMatch(/^[!#$%&'*+.^_`|~0-9a-z-]+$/);
        expect(content).toMatch(/^[\t\x20-\x7e]*$/);
        expect(field).not.toMatch(forbidden);
        expect(hopByHop).not.toContain(field);
      }
      expect(headersForRuntime(fields)).toEqual(fields);
    }),
    fuzzRuns(2000),
  );
});

test('only valid fields reach the caller, each once', () => {
  fc.assert(
    fc.property(pairs, (source) => {
      const passed = headersForCaller(Object.fromEntries(source));
      expect(new Set(passed.map(([field]) => field)).size).toBe(passed.length);
      for (const [field, content] of passed) {
        expect(`${field}: ${content}`).not.toMatch(/[\r\n\0]/);
        expect(['content-length', ...hopByHop]).not.toContain(field);
      }
    }),
    fuzzRuns(2000),
  );
});
