import { expect, test } from 'vitest';
import { makePalette, wantsColour } from './palette.ts';

test.each([
  [undefined, {}, true, true],
  [undefined, {}, false, false],
  [undefined, { TERM: 'dumb' }, true, false],
  [undefined, { NO_COLOR: '1' }, true, false],
  [undefined, { NO_COLOR: '' }, true, true],
  [undefined, { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  [undefined, { FORCE_COLOR: '1' }, false, true],
  [undefined, { FORCE_COLOR: '0' }, true, false],
  [undefined, { FORCE_COLOR: '' }, false, false],
  [false, { FORCE_COLOR: '1' }, true, false],
])('decides for option %s, %j, terminal %s: %s', (option, environment, isTTY, colour) => {
  expect(wantsColour({ option, environment, isTTY })).toBe(colour);
});

test('changes nothing if colours are off', () => {
  expect(makePalette(false).strong(makePalette(false).bad('x'))).toBe('x');
  expect(makePalette(true).bad('x')).toBe('\x1b[31mx\x1b[39m');
});
