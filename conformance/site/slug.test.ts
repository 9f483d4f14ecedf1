import fc from 'fast-check';
import { expect, test } from 'vitest';
import { slugOf } from './slug.ts';

test.each(['go', 'typescript', 'my-runtime-2'])('keeps a plain name: %s', (name) => {
  expect(slugOf(name)).toBe(name);
});

test.each([
  ['Go', /^go-[0-9a-f]{16}$/],
  ['command ./my-runtime', /^command-my-runtime-[0-9a-f]{16}$/],
  ['../../etc', /^etc-[0-9a-f]{16}$/],
  ['日本', /^x-[0-9a-f]{16}$/],
  ['con', /^con-[0-9a-f]{16}$/],
  ['', /^x-[0-9a-f]{16}$/],
  ['Ünïcode', /^u-ni-code-[0-9a-f]{16}$/],
])('replaces other characters: %s', (name, slug) => {
  expect(slugOf(name)).toMatch(slug);
});

test('differs for different names, also for a name that looks like a made one', () => {
  const made = slugOf('Go');
  const names = ['Go', 'go', 'GO', 'g-o', 'g o', made, slugOf(made), 'a\ud800', 'a\ud801', 'a\ufffd'];
  expect(new Set(names.map(slugOf)).size).toBe(names.length);
});

test('is a safe file name for any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (one, other) => {
      expect(slugOf(one)).toMatch(/^[a-z0-9]+(?:-+[a-z0-9]+)*$/);
      expect(slugOf(one) === slugOf(other)).toBe(one === other);
    }),
  );
});
