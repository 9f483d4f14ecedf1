import { expect, test } from 'vitest';
import { cut, cutLines, duration, visible, wrap } from './text.ts';

test('visible escapes control characters and keeps line breaks', () => {
  expect(visible('a\x1b[2Jb\nc\td\r\x9be\u202ef')).toBe('a\\x1b[2Jb\nc\td\\x0d\\x9be\\u202ef');
});

test('visible escapes characters that hide or reorder text, and commands of CI systems', () => {
  expect(visible('a\u200bb\ufeff\u2066\u00ad\u{e0041}')).toBe('a\\u200bb\\ufeff\\u2066\\xad\\u{e0041}');
  expect(visible('x ##[add-mask]y ##vso[z] ##TeamCity[z] ## [')).toBe(
    'x \\x23#[add-mask]y \\x23#vso[z] \\x23#TeamCity[z] ## [',
  );
});

test('cut counts the characters left out and keeps surrogate pairs whole', () => {
  expect(cut('abc', 3)).toBe('abc');
  expect(cut('abcd', 3)).toBe('abc… (1 more character)');
  expect(cut('ab😀cd', 3)).toBe('ab… (4 more characters)');
});

test('cut again counts the characters left out each time', () => {
  const text = 'x'.repeat(9_000);
  expect(cut(cut(text, 2_000), 600)).toBe(cut(text, 600));
  expect(cut(cut(text, 600), 600)).toBe(cut(text, 600));
  expect(cut(cut(text, 600), 610)).toBe(cut(text, 600));
  expect(cut('… (5 more characters)', 4)).toBe('… (5 more characters)');
});

test('cutLines keeps the first and the last lines', () => {
  const lines = Array.from({ length: 10 }, (_, index) => `${index}`);
  expect(cutLines(lines, 10)).toEqual(lines);
  expect(cutLines(lines, 5)).toEqual(['0', '1', '2', '… 5 lines left out …', '8', '9']);
  expect(cutLines(lines, 1)).toEqual(['0', '… 9 lines left out …']);
});

test('wrap breaks at spaces and inside long words', () => {
  expect(wrap('the quick brown fox jumps over', 20)).toEqual(['the quick brown fox', 'jumps over']);
  expect(wrap('x'.repeat(45), 20)).toEqual(['x'.repeat(20), 'x'.repeat(20), 'x'.repeat(5)]);
  expect(wrap('a\n\nb', 20)).toEqual(['a', '', 'b']);
});

test.each([
  [4, '0.00 s'],
  [2_140, '2.14 s'],
  [12_345, '12.3 s'],
  [59_990, '60.0 s'],
  [125_000, '2 min 5 s'],
])('duration formats %d ms as %s', (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});
