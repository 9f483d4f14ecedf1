import type { Palette } from '../report/palette.ts';
import { clip, count as counted, duration, visible, wrap } from '../text/text.ts';
import { comparisonText } from './compare/comparison-text.ts';
import { bytesText, count, latencyText, usageText } from './figures.ts';
import type { BenchReport, BenchResult } from './report.ts';
import { findWorkload } from './workloads/index.ts';

const nameWidth = 13;
const columns = [
  ['ops/s', 9],
  ['p50 ms', 8],
  ['p90', 7],
  ['p99', 7],
  ['p99.9', 7],
  ['max', 7],
  ['cpu µs', 8],
  ['rss', 6],
] as const;

/** Renders a benchmark for a terminal of 80 columns. The most useful lines are the last ones. */
export function benchLines(report: BenchReport, palette: Palette): readonly string[] {
  const { results, warnings, verdict, durationMs } = report;
  const workloads = [...new Set(results.map(({ workload }) => workload))];
  const colour = verdict.exitCode === 0 ? palette.good : palette.bad;
  return [
    ...workloads.flatMap((workload) => [...workloadLines(workload, report, palette), '']),
    ...differenceLines(report, palette),
    ...warnings.flatMap((warning) => indented(`warning: ${warning}`).map(palette.caution)),
    ...(warnings.length > 0 ? [''] : []),
    palette.strong(colour(verdict.sentence)),
    palette.faint(`took ${duration(durationMs)}`),
  ];
}

/** Renders the settings of a benchmark, before it starts. */
export function headLines(
  report: Pick<BenchReport, 'settings' | 'tool'>,
  palette: Palette,
): readonly string[] {
  const { load, durationMs, rounds, gateway } = report.settings;
  const shape =
    load.kind === 'closed' ? `${count(load.users)} users` : `${count(load.ratePerS)} operations/s`;
  const through = gateway ? ', through the gateway' : '';
  const time = `${duration(durationMs)} for each workload in ${rounds} ${rounds === 1 ? 'round' : 'rounds'}`;
  return [
    `${palette.strong(report.tool.name)} ${report.tool.version} · bench`,
    palette.faint(`${shape}, ${time}${through}`),
    '',
  ];
}

function workloadLines(workload: string, report: BenchReport, palette: Palette): readonly string[] {
  const results = report.results.filter((result) => result.workload === workload);
  const head = columns.map(([title, width]) => title.padStart(width)).join('');
  return [
    `${palette.strong(workload)}  ${palette.faint(clip(findWorkload(workload)?.about ?? '', 78 - workload.length))}`,
    palette.faint(`  ${' '.repeat(nameWidth)}${head}`),
    ...results.flatMap((result) => resultLines(result, palette)),
  ];
}

function resultLines(result: BenchResult, palette: Palette): readonly string[] {
  const { latencyUs, usage, gatewayUsage, backlog, errors } = result;
  const { p50, p90, p99, p999, max } = latencyUs;
  const cells = [
    count(result.operationsPerS),
    ...[p50, p90, p99, p999, max].map(latencyText),
    ...usageText(usage),
  ];
  const row = cells.map((cell, index) => cell.padStart(columns[index]?.[1] ?? 0)).join('');
  const name = visible(result.variant);
  // Cut names of different variants could look the same, so a long name gets a line of its own.
  const isLong = name.length >= nameWidth;
  const notes = [
    ...(usage.kind === 'not-measured' ? [`cpu and rss not measured: ${usage.reason}`] : []),
    ...(gatewayUsage === undefined
      ? []
      : [
          gatewayUsage.kind === 'measured'
            ? `gateway: ${count(gatewayUsage.value.cpuUsPerOperation)} µs, ${bytesText(gatewayUsage.value.rssEndBytes)}`
            : `gateway not measured: ${gatewayUsage.reason}`,
        ]),
    ...(backlog !== undefined && backlog.max > 0
      ? [`backlog: at most ${count(backlog.max)}, never started ${count(backlog.unstarted)}`]
      : []),
  ];
  return [
    ...(isLong ? [`  ${clip(name, 76)}`] : []),
    `  ${(isLong ? '' : name).padEnd(nameWidth)}${row}`,
    ...notes.flatMap((note) => indented(note, 4).map(palette.faint)),
    ...errors.flatMap(({ kind, count: amount, example }) =>
      indented(visible(`${counted(amount, 'error')}: ${kind}: ${example}`), 4).map(palette.bad),
    ),
  ];
}

function differenceLines({ comparisons }: BenchReport, palette: Palette): readonly string[] {
  if (comparisons.length === 0) return [];
  const colours = {
    regression: palette.bad,
    slower: palette.caution,
    faster: palette.good,
    'no-difference': palette.faint,
  };
  return [
    palette.strong('differences, with simultaneous 95 % confidence intervals'),
    ...comparisons.flatMap((each) => indented(visible(comparisonText(each)), 2).map(colours[each.outcome])),
    '',
  ];
}

function indented(text: string, by = 0): readonly string[] {
  return wrap(text, 78 - by).map((line, index) => `${' '.repeat(by + (index > 0 ? 2 : 0))}${line}`);
}
