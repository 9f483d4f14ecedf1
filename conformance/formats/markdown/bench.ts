import { comparisonText } from '../../bench/compare/comparison-text.ts';
import { bytesText, count, latencyText, usageText } from '../../bench/figures.ts';
import type { BenchReport, BenchResult } from '../../bench/report.ts';
import { duration } from '../../text/text.ts';
import { headLines, inline, listLines, madeBy, markdownText, table } from './markup.ts';

const head = ['variant', 'ops/s', 'p50', 'p90', 'p99', 'p99.9', 'max', 'cpu µs', 'rss', 'errors'];

/** Renders a benchmark as Markdown. Ends in a line feed. */
export function renderBenchMarkdown(report: BenchReport): string {
  const { results, comparisons, warnings, machine, tool } = report;
  const workloads = [...new Set(results.map(({ workload }) => workload))];
  return markdownText([
    ...headLines('MCP runtime benchmark', report.verdict),
    inline(conditions(report)),
    ...workloads.flatMap((workload) => [
      '',
      `## ${inline(workload)}`,
      '',
      ...table(head, results.filter((result) => result.workload === workload).map(row)),
    ]),
    '',
    'Latencies are in milliseconds. Processor time is per operation.',
    ...listLines(
      'Differences',
      comparisons.map((each) => inline(comparisonText(each))),
    ),
    ...listLines('Warnings', warnings.map(inline)),
    ...listLines('Errors', results.flatMap(errorItems)),
    '',
    inline(`${machine.cpu}, ${machine.cores} cores, ${machine.system}, Node ${machine.node}`),
    '',
    madeBy(tool, report.durationMs),
  ]);
}

function conditions({ settings, variants, startedAt }: BenchReport): string {
  const { load, durationMs, rounds, gateway } = settings;
  const shape =
    load.kind === 'closed' ? `${count(load.users)} users` : `${count(load.ratePerS)} operations/s`;
  const targets = variants.map(({ name, target, transport }) => `${name}: ${target} by ${transport}`);
  const through = gateway ? ', through the gateway' : '';
  const date = new Date(startedAt).toISOString().slice(0, 10);
  return `${date}: ${shape}, ${duration(durationMs)} in ${rounds} rounds${through}. ${targets.join('; ')}.`;
}

function row({ variant, operationsPerS, latencyUs, usage, errors }: BenchResult): readonly string[] {
  const { p50, p90, p99, p999, max } = latencyUs;
  const failed = errors.reduce((sum, error) => sum + error.count, 0);
  return [
    inline(variant),
    count(operationsPerS),
    ...[p50, p90, p99, p999, max].map(latencyText),
    ...usageText(usage),
    count(failed),
  ];
}

function errorItems({ workload, variant, errors, gatewayUsage }: BenchResult): readonly string[] {
  const gateway =
    gatewayUsage?.kind === 'measured'
      ? [`${variant}, ${workload}: the gateway used ${bytesText(gatewayUsage.value.rssEndBytes)}`]
      : [];
  return [
    ...errors.map(({ kind, count: amount, example }) =>
      inline(`${workload} on ${variant}: ${count(amount)} of ${kind}: ${example}`),
    ),
    ...(errors.length > 0 ? gateway.map(inline) : []),
  ];
}
