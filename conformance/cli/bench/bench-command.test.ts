import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BenchReport } from '../../bench/report.ts';
import { sampleBench, sampleResult } from '../../bench/testing/sample-bench.ts';
import { renderBenchJson } from '../../formats/json/bench.ts';
import { runWords } from '../testing/run-words.ts';

const timeout = { timeout: 90_000 };
const short = ['--duration', '600ms', '--rounds', '3', '--warm-up', '100ms', '--users', '3', '--events', '5'];

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const run = (words: readonly string[], signal?: AbortSignal) =>
  runWords(['bench', ...words], signal === undefined ? {} : { signal });

async function measure(words: readonly string[]) {
  const file = join(folder, 'report.json');
  const outcome = await run([...short, ...words, '--report', `json=${file}`]);
  expect(outcome.warnings).toEqual([]);
  const report: BenchReport = JSON.parse(await readFile(file, 'utf8'));
  return { ...outcome, report };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

test(
  'every workload runs on the embedded runtime, over both transports, with consistent counts',
  timeout,
  async () => {
    const words = ['echo-0.2k', 'session', 'list', 'stream', 'live', 'cancel', 'mixed'];
    const workloads = words.flatMap((name) => ['--workload', name]);
    const { report, output } = await measure([
      ...workloads,
      '--transport',
      'both',
      '--max-regression',
      '1000%',
    ]);
    expect(report.verdict.sentence).toMatch(/^[\d,]+ operations measured$/);
    expect(report.results).toHaveLength(2 * words.length);
    for (const { operations, errors, histogram, series, usage, rounds } of report.results) {
      expect(errors).toEqual([]);
      expect(sum(histogram.counts)).toBe(operations);
      expect(sum(series.operations)).toBe(operations);
      expect(rounds).toHaveLength(3);
      if (process.platform === 'linux') expect(usage.kind).toBe('measured');
    }
    expect(sum(report.results.map(({ operations }) => operations))).toBeGreaterThan(words.length);
    expect(output).toContain('embedded grpc');
  },
);

test('an open loop through the gateway counts every operation that was due', timeout, async () => {
  const { report } = await measure(['--workload', 'echo-0.2k', '--rate', '20/s', '--gateway']);
  const [result] = report.results;
  expect(sum(result?.histogram.counts ?? [])).toBe(
    (result?.operations ?? 0) + (result?.backlog?.unstarted ?? 0),
  );
  expect(sum(result?.histogram.counts ?? [])).toBe(12);
  expect(result?.gatewayUsage).toBeDefined();
});

test('an interruption prints what was measured so far', timeout, async () => {
  const words = ['--workload', 'list', '--duration', '60s', '--warm-up', '0s', '--users', '2'];
  const { output } = await run(words, AbortSignal.timeout(6_000));
  expect(output).toMatch(/interrupted; [\d,]+ operations? measured/);
});

describe('reports invalid usage on one line', () => {
  test.each<[readonly string[], string]>([
    [['--workload', 'ecko'], 'error: --workload ecko: unknown workload; use echo-0.2k, '],
    [
      ['--duration', 'soon'],
      'error: --duration must be a duration such as 10s or 30m, at most 24h, not soon',
    ],
    [['--duration', '1s', '--rounds', '100'], 'error: --duration 1s is too short for 100 rounds'],
    [['--rate', '-1'], 'error: --rate must be a number of operations per second such as 500/s, not -1'],
    [['--max-regression', 'much'], 'error: --max-regression must be a percentage such as 10%, not much'],
    [['--target', 'a=embedded', '--image', 'b'], 'error: --target and --image exclude each other'],
    [['--target', 'a'], 'error: --target a: no configured target has this name'],
    [
      ['--report', 'junit=x.xml'],
      'error: --report junit=x.xml: a benchmark has no such report; use json, markdown or html',
    ],
    [
      ['--socket', '/no/such', '--transport', 'both'],
      'error: --transport both: socket /no/such serves one transport',
    ],
    [
      ['--socket', '/no/such', '--transport', 'http', '--ready-timeout', '1'],
      'does not serve HTTP on the socket',
    ],
    [['--baseline', 'x', ...short], 'error: --baseline x: there is no such variant; known: embedded'],
    [['compare', 'one.json'], 'error: bench compare needs two reports, OLD.json and NEW.json; found 1'],
    [['compare', 'none.json', 'none.json'], 'error: none.json: there is no such file'],
  ])('%j', timeout, async (words, message) => {
    const { exitCode, warnings } = await run(words);
    expect(warnings.join('\n')).toContain(message);
    expect(warnings).toHaveLength(1);
    expect(exitCode).toBe(2);
  });
});

test('a target that does not start has exit code 3', async () => {
  const { exitCode, warnings } = await run(['--command', '/no/such/program', ...short]);
  expect(warnings).toEqual([expect.stringContaining('The file /no/such/program does not exist.')]);
  expect(exitCode).toBe(3);
});

describe('compare', () => {
  const write = async (name: string, factor: number): Promise<string> => {
    const rounds = [1, 1.01, 0.99, 1].map((drift) => ({
      operationsPerS: 1_000 / (factor * drift),
      errors: 0,
      p50Us: 1_000 * factor * drift,
      p99Us: 2_000 * factor * drift,
      cpuUsPerOperation: 100 * factor * drift,
    }));
    const path = join(folder, name);
    await writeFile(path, renderBenchJson(sampleBench({ results: [sampleResult({ rounds })] })));
    return path;
  };

  test('shows the differences, and fails beyond the permitted slowdown', async () => {
    const files = [await write('old.json', 1), await write('new.json', 1.2)];
    const { exitCode, output } = await run(['compare', ...files]);
    expect(output).toContain('echo-0.2k   p50         1.20x of old');
    expect(output).toContain('\n4 regressions, 0 slower, 0 faster, 0 inconclusive\n');
    expect(exitCode).toBe(1);
    expect((await run(['compare', ...files, '--max-regression', '50%'])).exitCode).toBe(0);
  });

  test('rejects a file that is not a benchmark', async () => {
    const path = join(folder, 'other.json');
    await writeFile(path, '{"kind":"matrix"}');
    const { warnings } = await run(['compare', path, path]);
    expect(warnings).toEqual([expect.stringContaining('it is not the report of a benchmark')]);
  });
});
