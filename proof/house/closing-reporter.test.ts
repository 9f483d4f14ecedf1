import { describe, expect, it } from 'vitest';
import { closingLines } from './closing-reporter.ts';

const nothing = { isWhole: true, hasTool: () => true };

describe('closingLines', () => {
  it('names each reason for skipped tests once, with the number of tests', () => {
    const suites = ['images (skipped: no Docker) > nested', 'images (skipped: no Docker)', 'other'];
    expect(closingLines(suites, { ...nothing, isWhole: false })).toEqual([
      '2 skipped: no Docker',
      '1 skipped: for no reason that they name',
    ]);
  });

  it('says what a whole run leaves to other commands', () => {
    const lines = closingLines([], nothing);
    expect(lines[0]).toBe('left to other commands:');
    expect(lines.join('\n')).toContain('npm run prove');
    expect(lines.join('\n')).not.toContain('missing');
    expect(closingLines([], { ...nothing, isWhole: false })).toEqual([]);
  });

  it('names a missing tool and where to get it', () => {
    const lines = closingLines([], { ...nothing, hasTool: (name) => name !== 'go' });
    expect(lines.filter((line) => line.includes('missing'))).toEqual([
      expect.stringMatching(/npm run check:go .*go is missing: Go 1\.26 or later, https:\/\/go\.dev\/dl/),
    ]);
  });
});
