import { expect, test } from 'vitest';
import { EventBoundary } from './event-boundary.ts';

const cases: readonly (readonly [string, boolean])[] = [
  ['', true],
  ['data: 1', false],
  ['data: 1\n', false],
  ['data: 1\n\n', true],
  ['data: 1\r\r', true],
  ['data: 1\r\n', false],
  ['data: 1\r\n\r\n', true],
  ['data: 1\r\n\r', true],
  ['data: 1\n\r\n', true],
  ['data: 1\r\n\n', true],
  ['\n', true],
  ['\r\n', true],
  ['data: 1\n\ndata', false],
  ['data: 1\n\n: comment\n', false],
  ['data: 1\n\n: comment\n\n', true],
];

test.each(cases)('after %j, a comment may follow: %j', (text, isBetween) => {
  for (let pieceBytes = 1; pieceBytes <= text.length + 1; pieceBytes += 1) {
    const boundary = new EventBoundary();
    for (let at = 0; at < text.length; at += pieceBytes) {
      boundary.push(Buffer.from(text.slice(at, at + pieceBytes)));
    }
    expect([pieceBytes, boundary.isBetweenEvents]).toEqual([pieceBytes, isBetween]);
  }
});
