import { expect, test } from 'vitest';
import { alterationsOf } from './alterations.ts';

test('alters every character, and shortens the text', () => {
  expect(alterationsOf('aZ9.')).toEqual(['bZ9.', 'aY9.', 'aZ8.', 'aZ9/', 'aZ9', 'Z9.', 'aZ', 'a']);
});

test('alters both ends of a long text', () => {
  const text = 'x'.repeat(5000);
  const copies = alterationsOf(text);
  expect(copies).toHaveLength(515);
  expect(copies[0]).toBe(`w${text.slice(1)}`);
  expect(copies[511]).toBe(`${text.slice(1)}w`);
});

test.each(['', 'a', '.', '"', 'é'])('never returns %j itself or an empty text', (text) => {
  expect(alterationsOf(text)).not.toContain(text);
  expect(alterationsOf(text)).not.toContain('');
});
