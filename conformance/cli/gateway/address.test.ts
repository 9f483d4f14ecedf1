import { describe, expect, test } from 'vitest';
import { readAddress } from './address.ts';

describe('readAddress', () => {
  test.each([
    ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    ['[::1]:80', { host: '::1', port: 80 }],
    ['9000', { host: '127.0.0.1', port: 9000 }],
  ])('%s', (text, expected) => {
    expect(readAddress(text, '--listen')).toEqual(expected);
  });

  test.each(['', 'localhost', '127.0.0.1:', '127.0.0.1:65536', '::1:80', 'http://x:1', 'a b:1'])(
    'refuses %j in a line',
    (text) => {
      expect(() => readAddress(text, '--listen')).toThrow(
        /^--listen has to be an address and a port, as in .+/,
      );
    },
  );
});
