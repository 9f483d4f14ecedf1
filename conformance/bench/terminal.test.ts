import { expect, test } from 'vitest';
import { makePalette } from '../report/palette.ts';
import { benchLines, headLines } from './terminal.ts';
import { sampleBench, sampleComparison, sampleResult } from './testing/sample-bench.ts';

const palette = makePalette(false);

test('a benchmark fits into 80 columns, with the verdict last', () => {
  const report = sampleBench();
  const lines = [...headLines(report, palette), ...benchLines(report, palette)];
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "mcp-runtime-conformance 0.1.0 · bench
    16 users, 2.00 s for each workload in 2 rounds

    echo-0.2k  tools/call that returns its text; the message has 0.2 KiB
                       ops/s  p50 ms    p90    p99  p99.9    max  cpu µs   rss
      old              1,000       1   1.80   2.50      4      5     800  120M
      new                870       1   1.80   2.50      4      5       -     -
        cpu and rss not measured: the kit did not start the target
        3 errors: wrong answer: expected the text of the call, got ""

    differences, with simultaneous 95 % confidence intervals
      echo-0.2k   throughput  new 0.87x of old (0.85x to 0.89x)  a regression
      echo-0.2k   p50         new 1.02x of old (0.99x to 1.05x)  inconclusive

    warning: the load generator was busy for 83 % of the time

    1 regression: new is slower than old
    took 6.20 s"
  `);
});

test('an open loop shows its backlog, and the gateway its resources', () => {
  const result = sampleResult({
    backlog: { max: 1_200, unstarted: 300 },
    gatewayUsage: sampleResult().usage,
  });
  const text = benchLines(sampleBench({ results: [result], comparisons: [] }), palette).join('\n');
  expect(text).toContain('    backlog: at most 1,200, never started 300\n');
  expect(text).toContain('    gateway: 800 µs, 120M\n');
});

test('texts of a target cannot control the terminal', () => {
  const errors = [{ kind: 'wrong answer', count: 1, example: 'a\u001b[2Jb' }];
  const text = benchLines(sampleBench({ results: [sampleResult({ errors })] }), palette).join('\n');
  expect(text).not.toContain('\u001b');
});

test('long names of variants are shown in full, within 80 columns', () => {
  const variant = 'implementation-of-the-other-team http';
  const report = sampleBench({
    results: [sampleResult({ variant })],
    comparisons: [sampleComparison({ variant, baseline: 'implementation-of-the-other-team grpc' })],
  });
  const lines = benchLines(report, palette);
  expect(lines).toContain(`  ${variant}`);
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});
