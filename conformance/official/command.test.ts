import { describe, expect, test } from 'vitest';
import { OfficialUsageError, readOfficialRequest } from './command.ts';

describe('readOfficialRequest', () => {
  test('the embedded runtime alone', () => {
    expect(readOfficialRequest([])).toMatchObject({
      targets: [{ name: 'embedded', words: [] }],
      verbose: false,
    });
  });

  test('further runtimes after it', () => {
    const words = ['command:./x --y', 'image:a:1', '--transport', 'http', '--cache', 'c', '--verbose'];
    expect(readOfficialRequest(words)).toEqual({
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
    expect(readOfficialRequest(['--help'])).toBeUndefined();
  });

  test.each([['x'], ['image:'], ['docker:x'], ['--nope'], ['--cache']])('refuses %s', (word) => {
    expect(() => readOfficialRequest([word])).toThrow(OfficialUsageError);
  });
});
