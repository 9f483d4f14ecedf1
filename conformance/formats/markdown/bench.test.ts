import { expect, test } from 'vitest';
import { sampleBench, sampleResult } from '../../bench/testing/sample-bench.ts';
import { renderBenchMarkdown } from './bench.ts';

test('a benchmark in Markdown has a table for each workload, the differences and the warnings', () => {
  const text = renderBenchMarkdown(sampleBench());
  expect(text).toContain('❌ **1 regression: new is slower than old**');
  expect(text).toContain('\n## echo-0.2k\n\n| variant | ops/s |');
  expect(text).toContain('| old | 1,000 | 1 | 1.80 | 2.50 | 4 | 5 | 800 | 120M | 0 |');
  expect(text).toContain('| new | 870 | 1 | 1.80 | 2.50 | 4 | 5 | - | - | 3 |');
  expect(text).toContain(
    '## Differences\n\n- echo-0.2k throughput new 0.87x of old (0.85x to 0.89x) a regression\n',
  );
  expect(text).toContain('## Warnings\n\n- the load generator was busy for 83 % of the time\n');
  expect(text).toMatch(/\n6\.20 s, mcp-runtime-conformance 0\.1\.0\n$/);
});

test('texts of a target cannot add Markdown', () => {
  const errors = [{ kind: 'wrong answer', count: 1, example: '<b>|`x`\n# head' }];
  const text = renderBenchMarkdown(sampleBench({ results: [sampleResult({ errors })] }));
  expect(text).toContain('\\<b\\>\\|\\`x\\` \\# head');
});
