import type { BenchReport, BenchResult, Comparison } from '../report.ts';

/** A result with the given members, and plausible values for the others. */
export function sampleResult(given: Partial<BenchResult> = {}): BenchResult {
  return {
    workload: 'echo-0.2k',
    variant: 'old',
    measuredMs: 2_000,
    operations: 2_000,
    operationsPerS: 1_000,
    errors: [],
    latencyUs: { mean: 1_100, p50: 1_000, p90: 1_800, p99: 2_500, p999: 4_000, max: 5_000 },
    histogram: { valuesUs: [1_000, 1_800, 5_000], counts: [1_000, 900, 100] },
    usage: {
      kind: 'measured',
      value: {
        cpuUsPerOperation: 800,
        cpuCores: 0.8,
        rssStartBytes: 100 * 2 ** 20,
        rssEndBytes: 120 * 2 ** 20,
        rssMaxBytes: 130 * 2 ** 20,
      },
    },
    generatorBusy: 0.2,
    series: {
      startMs: [0, 2_000],
      lengthMs: [1_000, 1_000],
      operations: [990, 1_010],
      errors: [0, 0],
      p50Us: [1_000, 1_000],
      p99Us: [2_400, 2_600],
      maxUs: [4_000, 5_000],
      rssBytes: [110 * 2 ** 20, null],
      backlog: [0, 0],
    },
    rounds: [
      { operationsPerS: 990, errors: 0, p50Us: 1_000, p99Us: 2_400, cpuUsPerOperation: 810 },
      { operationsPerS: 1_010, errors: 0, p50Us: 1_000, p99Us: 2_600, cpuUsPerOperation: 790 },
    ],
    ...given,
  };
}

/** A comparison of the sample variants with the given members. */
export function sampleComparison(given: Partial<Comparison> = {}): Comparison {
  return {
    workload: 'echo-0.2k',
    metric: 'throughput',
    baseline: 'old',
    variant: 'new',
    slowdown: 0.15,
    low: 0.12,
    high: 0.18,
    outcome: 'regression',
    ...given,
  };
}

/** A benchmark of two variants. The second one is slower and has errors. */
export function sampleBench(given: Partial<BenchReport> = {}): BenchReport {
  return {
    kind: 'bench',
    tool: { name: 'mcp-runtime-conformance', version: '0.1.0' },
    startedAt: Date.UTC(2026, 10, 29, 12),
    durationMs: 6_200,
    machine: {
      cpu: 'Example 3 GHz',
      cores: 2,
      memoryBytes: 8 * 2 ** 30,
      system: 'linux 6.1.0',
      arch: 'x64',
      node: '22.0.0',
    },
    settings: {
      load: { kind: 'closed', users: 16 },
      durationMs: 2_000,
      warmUpMs: 500,
      rounds: 2,
      workers: 1,
      connections: 1,
      deadlineMs: 10_000,
      gateway: false,
      maxRegression: 0.1,
    },
    verdict: { exitCode: 1, sentence: '1 regression: new is slower than old', interrupted: false },
    variants: [
      { name: 'old', target: 'image my-runtime:1', transport: 'grpc', version: '1.0.0' },
      { name: 'new', target: 'socket /run/new.sock', transport: 'grpc', version: '1.1.0' },
    ],
    results: [
      sampleResult(),
      sampleResult({
        variant: 'new',
        operationsPerS: 870,
        errors: [{ kind: 'wrong answer', count: 3, example: 'expected the text of the call, got ""' }],
        usage: { kind: 'not-measured', reason: 'the kit did not start the target' },
      }),
    ],
    comparisons: [
      sampleComparison(),
      sampleComparison({ metric: 'p50', slowdown: 0.02, low: -0.01, high: 0.05, outcome: 'no-difference' }),
    ],
    warnings: ['the load generator was busy for 83 % of the time'],
    ...given,
  };
}
