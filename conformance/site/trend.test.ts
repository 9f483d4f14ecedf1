import { expect, test } from 'vitest';
import type { SiteRun } from './site-run.ts';
import { sparkline, trendOf } from './trend.ts';

const run = (passed: number, total: number, changes: Partial<SiteRun> = {}): SiteRun => ({
  name: 'go',
  slug: 'go',
  id: `${passed}`,
  startedAt: '2025-03-01T12:00:00.000Z',
  tool: { name: 'mcp-runtime-conformance', version: '0.1.0' },
  level: 'strict',
  release: '1.1',
  label: 'go',
  server: undefined,
  conclusion: 'conformant',
  sentence: '',
  cases: { total, passed },
  clauses: { checked: 10, held: 10, violated: 0, accepted: 0, unproven: 0 },
  eras: [],
  findings: [],
  narrowed: false,
  reported: {
    tool: { name: 'mcp-runtime-conformance', version: '0.1.0' },
    startedAt: '2026-01-01T00:00:00.000Z',
    sentence: '',
    exitCode: 0,
    label: 'go',
    level: 'strict',
    transport: 'grpc',
    narrowed: false,
    cases: new Map(),
    missingCapabilities: [],
  },
  ...changes,
});

const pointsOf = (svg: string, line: string) =>
  (new RegExp(`class="${line}" points="([^"]*)"`).exec(svg)?.[1] ?? '')
    .split(' ')
    .map((point) => point.split(',').map(Number));
const ticksOf = (svg: string) =>
  [...svg.matchAll(/text-anchor="end">(\d+)<\/text>/g)].map(([, tick]) => Number(tick));

test('draws a point for each run, within round numbers', () => {
  const svg = String(trendOf('cases', [run(7, 20), run(12, 20), run(20, 20)]));
  expect(svg).toContain('aria-label="Cases passed in 3 runs: from 7 of 20 to 20 of 20"');
  expect(ticksOf(svg)).toEqual([5, 10, 15, 20]);
  const [first = [], second = [], third = []] = pointsOf(svg, 'reached');
  expect(first[0]).toBeLessThan(second[0] ?? 0);
  expect(first[1]).toBeGreaterThan(second[1] ?? 0);
  expect(second[1]).toBeGreaterThan(third[1] ?? 0);
  expect(new Set(pointsOf(svg, 'possible').map(([, y]) => y)).size).toBe(1);
});

test.each([
  [
    [3, 3],
    [2, 3],
  ],
  [
    [0, 0],
    [0, 1],
  ],
  [
    [999, 1],
    [0, 500, 1000],
  ],
])('has round ticks for %j', (values, ticks) => {
  expect(
    ticksOf(
      String(
        trendOf(
          'cases',
          values.map((value) => run(value, value)),
        ),
      ),
    ),
  ).toEqual(ticks);
});

test('leaves out runs that could not test the target, and marks a new kit or contract', () => {
  const kit = { tool: { name: 'mcp-runtime-conformance', version: '0.2.0' } };
  const svg = String(
    trendOf('cases', [
      run(5, 9, { release: '1.0' }),
      run(6, 9),
      run(0, 0, { conclusion: 'not tested', release: undefined }),
      run(9, 9, kit),
    ]),
  );
  expect(pointsOf(svg, 'reached')).toHaveLength(3);
  expect(svg).toContain('×<title>2025-03-01: not tested</title>');
  expect([...svg.matchAll(/<g class="basis"><title>([^<]*)/g)].map(([, text]) => text)).toEqual([
    'contract 1.1',
    'kit 0.2.0',
  ]);
});

test('needs two runs', () => {
  expect(trendOf('clauses', [run(5, 9)])).toBeUndefined();
  expect(sparkline([run(5, 9)])).toBeUndefined();
  expect(String(sparkline([run(5, 9), run(9, 9)]))).toContain('<polyline class="reached"');
});
