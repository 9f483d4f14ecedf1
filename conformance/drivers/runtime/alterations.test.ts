import { expect, test } from 'vitest';
import { alterationsOf } from './alterations.ts';

test('alters every character, and shortens the text', () => {
  expect(alterationsOf('aZ9.')).toEqual(['6Z9.', 'a59.', 'aZd.', 'aZ9/', 'aZ9', 'Z9.', 'aZ', 'a']);
});

test.each(['base64', 'base64url'] as const)(
  'alters each byte of %s, even for lenient decoders',
  (encoding) => {
    for (const length of [1, 2, 3, 4, 30, 31, 32]) {
      const bytes = Buffer.alloc(length, 0xa5);
      const copies = alterationsOf(bytes.toString(encoding));
      expect(copies.length).toBeGreaterThan(length);
      for (const copy of copies) expect(Buffer.from(copy, encoding).equals(bytes)).toBe(false);
    }
  },
);

test('alters both ends of a long text', () => {
  const text = 'x'.repeat(5000);
  const copies = alterationsOf(text);
  expect(copies).toHaveLength(515);
  expect(copies[0]).toBe(`R${text.slice(1)}`);
  expect(copies[511]).toBe(`${text.slice(1)}R`);
});

test.each(['', 'a', '.', '"', 'é'])('never returns %j itself or an empty text', (text) => {
  expect(alterationsOf(text)).not.toContain(text);
  expect(alterationsOf(text)).not.toContain('');
});

test('changes the case of letters only on request', () => {
  expect(alterationsOf('aB1', true)).toEqual(expect.arrayContaining(['AB1', 'ab1', 'Ab1']));
  expect(alterationsOf('aB1')).not.toContain('AB1');
  expect(alterationsOf('12', true)).not.toContain('12');
});
