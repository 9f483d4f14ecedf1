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
    expect(readFigures(output)).toEqual({ scenarios: 2, passed: 3, failed: 2, failing: ['tools-list'] });
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
