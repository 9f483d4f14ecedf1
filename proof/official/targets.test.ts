import { describe, expect, test } from 'vitest';
import { UsageError } from '../../conformance/plan/usage-error.ts';
import { readTargets } from './targets.ts';

describe('readTargets', () => {
  test('selects the embedded runtime and the configured images by default', () => {
    expect(readTargets({ targets: [] }, ['image:b:2'])).toEqual([
      { name: 'embedded', words: [] },
      { name: 'image:b:2', words: ['--image', 'b:2'] },
    ]);
  });

  test('selects only the requested targets', () => {
    const targets = ['embedded', 'command:./x --y', 'image:a:1'];
    expect(readTargets({ targets, transport: 'http' }, ['image:b:2'])).toEqual([
      { name: 'embedded', words: ['--transport', 'http'] },
      { name: 'command:./x --y', words: ['--command', './x --y', '--transport', 'http'] },
      { name: 'image:a:1', words: ['--image', 'a:1', '--transport', 'http'] },
    ]);
  });

  test.each([['x'], ['image:'], ['docker:x']])('rejects %s', (name) => {
    expect(() => readTargets({ targets: [name] }, [])).toThrow(UsageError);
  });
});
