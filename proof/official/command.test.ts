import { describe, expect, test } from 'vitest';
import { OfficialUsageError, readOfficialRequest } from './command.ts';

describe('readOfficialRequest', () => {
  test('the embedded runtime and what is configured', () => {
    expect(readOfficialRequest([], ['image:b:2'])).toMatchObject({
      targets: [
        { name: 'embedded', words: [] },
        { name: 'image:b:2', words: ['--image', 'b:2'] },
      ],
      verbose: false,
    });
  });

  test('those that are named, and no other', () => {
    const words = [
      'embedded',
      'command:./x --y',
      'image:a:1',
      '--transport',
      'http',
      '--cache',
      'c',
      '--verbose',
    ];
    expect(readOfficialRequest(words, ['image:b:2'])).toEqual({
      targets: [
        { name: 'embedded', words: ['--transport', 'http'] },
        { name: 'command:./x --y', words: ['--command', './x --y', '--transport', 'http'] },
        { name: 'image:a:1', words: ['--image', 'a:1', '--transport', 'http'] },
      ],
      cache: 'c',
      verbose: true,
    });
  });

  test('help', () => {
    expect(readOfficialRequest(['--help'], [])).toBeUndefined();
  });

  test.each([['x'], ['image:'], ['docker:x'], ['--nope'], ['--cache']])('refuses %s', (word) => {
    expect(() => readOfficialRequest([word], [])).toThrow(OfficialUsageError);
  });
});
