import { describe, expect, it } from 'vitest';
import { closingLines } from './closing-reporter.ts';

const nothing = { isWhole: true, hasTool: () => true };

describe('closingLines', () => {
  it('prints each reason for skipped tests once, with the number of tests', () => {
    const suites = ['images (skipped: no Docker) > nested', 'images (skipped: no Docker)', 'other'];
    expect(closingLines(suites, { ...nothing, isWhole: false })).toEqual([
      '2 skipped: no Docker',
      '1 skipped: no reason given',
    ]);
  });

  it('lists commands with further checks after a complete run', () => {
    const lines = closingLines([], nothing);
    expect(lines[0]).toBe('further checks:');
    expect(lines.join('\n')).toContain('npm run prove');
    expect(lines.join('\n')).not.toContain('missing');
    expect(closingLines([], { ...nothing, isWhole: false })).toEqual([]);
  });

  it('prints the download page of a missing tool', () => {
    const lines = closingLines([], { ...nothing, hasTool: (name) => name !== 'go' });
    expect(lines.filter((line) => line.includes('missing'))).toEqual([
      expect.stringMatching(/npm run check:go .*go is missing: Go 1\.26 or later, https:\/\/go\.dev\/dl/),
    ]);
  });
});
