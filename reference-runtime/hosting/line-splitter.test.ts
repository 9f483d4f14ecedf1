import { describe, expect, it } from 'vitest';
import { LineSplitter } from './line-splitter.ts';

function split(parts: readonly string[], maxBytes = 100): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter({
    maxBytes,
    onLine: (line) => lines.push(line),
    onTooLong: () => lines.push('(too long)'),
  });
  for (const part of parts) splitter.write(Buffer.from(part, 'latin1'));
  splitter.end();
  return lines;
}

describe('LineSplitter', () => {
  it('splits at line feeds, wherever the parts end', () => {
    expect(split(['a\nb', 'c\r', '\n', '\n', 'd'])).toEqual(['a', 'bc', '', 'd']);
    expect(split(['a\n'])).toEqual(['a']);
  });

  it('decodes UTF-8 that is divided between parts', () => {
    const bytes = Buffer.from('é😀\n').toString('latin1');
    expect(split([...bytes])).toEqual(['é😀']);
  });

  it('skips a line that is too long, and continues after it', () => {
    expect(split(['12345', '67890\nok\n'], 6)).toEqual(['(too long)', 'ok']);
    expect(split(['123456\n1234567\n'], 6)).toEqual(['123456', '(too long)']);
  });
});
