import { describe, expect, test } from 'vitest';
import { readFigures } from './figures.ts';

const output = `Running requirements 2025-11-25 (2 scenarios) against http://127.0.0.1:1/mcp

=== SUMMARY ===
✓ ping: 2 passed, 0 failed
✗ tools-list: 1 passed, 2 failed

Total: 3 passed, 2 failed
`;

describe('readFigures', () => {
  test('reads passed and failed checks', () => {
    const pending = { passed: 0, failed: 0 };
    expect(readFigures(output)).toEqual({
      scenarios: 2,
      passed: 3,
      failed: 2,
      failing: ['tools-list'],
      pending,
    });
  });

  test('does not count scenarios that are not scored', () => {
    const unscored = `
Not scored for 2026-07-28: 2 scenario(s) run, 1 failing. These do not affect conformance.
  ✓ ping (pending)
  ✗ tools-list (extension)
`;
    const pending = { passed: 2, failed: 0 };
    const none = { scenarios: 0, passed: 0, failed: 0, failing: [] };
    expect(readFigures(output + unscored)).toEqual({ ...none, pending });
  });

  test.each([
    ['without a total', output.replace(/Total.*/, '')],
    ['without an announcement', output.replace(/Running.*/, '')],
    ['with a missing scenario', output.replace(/✓ ping.*\n/, '')],
    ['that is empty', ''],
  ])('rejects output %s', (_, text) => {
    expect(() => readFigures(text)).toThrow(/^the official suite /);
  });
});
