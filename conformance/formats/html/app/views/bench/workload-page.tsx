import type { BenchReportJson } from '../../../data/bench.ts';
import { type Line, LineChart } from '../../components/chart/line-chart.tsx';
import { linearScale, logScale, percentileScale } from '../../components/chart/scale.ts';
import { amount, bytes, latency, percent } from '../../components/chart/units.ts';
import { count, duration } from '../../model/words.ts';
import {
  courseOf,
  distribution,
  extentOf,
  highestShare,
  memory,
  percentileCurve,
  throughput,
  type Workload,
} from './bench-model.ts';
import { Comparisons } from './comparisons.tsx';
import { ResultTable } from './result-table.tsx';

interface WorkloadPageProps {
  readonly report: BenchReportJson;
  readonly workload: Workload;
}

/** One workload: its figures, the distribution of its latencies, and its course. */
export function WorkloadPage({ report, workload }: WorkloadPageProps) {
  const { name, results, comparisons } = workload;
  const operations = results.reduce((sum, result) => sum + result.operations, 0);
  const fewest = Math.min(...results.map((result) => result.operations));
  return (
    <>
      <section class="panel">
        <h1 tabIndex={-1} class="panel-title">
          {name}
        </h1>
        <p class="soft">
          {count(operations, 'operation')} in{' '}
          {duration(results.reduce((sum, { measuredMs }) => sum + measuredMs, 0))} of measured time
          {report.settings.load.kind === 'open' &&
            '. Latencies count from the time at which the operation was due'}
        </p>
        <ResultTable workload={workload} />
      </section>
      <Comparisons report={{ comparisons }} />
      <section class="panel">
        <h2>Latency</h2>
        <Distribution lines={results.map(distribution)} />
        <Percentiles lines={results.map(percentileCurve)} highest={highestShare(fewest)} />
      </section>
      <section class="panel">
        <h2>Over time</h2>
        <Course title="Operations per second" lines={results.map(throughput)} format={amount} />
        <Course
          title="Latency p99 of each interval"
          lines={results.map((result) => courseOf(result, (index) => result.series.p99Us[index]))}
          format={latency}
        />
        <Course title="Memory of the target (RSS)" lines={results.map(memory)} format={bytes} />
        {results.some(({ series }) => series.backlog.some((each) => each > 0)) && (
          <Course
            title="Backlog"
            lines={results.map((result) => courseOf(result, (index) => result.series.backlog[index]))}
            format={amount}
          />
        )}
      </section>
    </>
  );
}

function Distribution({ lines }: { readonly lines: readonly Line[] }) {
  const extent = extentOf(lines, ({ x }) => x);
  const [, most = 0] = extentOf(lines, ({ y }) => y) ?? [];
  if (extent === undefined) return null;
  return (
    <LineChart
      title="Distribution of latencies"
      filled
      lines={lines}
      x={{ label: 'latency, logarithmic', scale: logScale(...extent), format: latency }}
      y={{ label: 'share of operations', scale: linearScale(0, most, 4), format: (value) => percent(value) }}
    />
  );
}

function Percentiles({ lines, highest }: { readonly lines: readonly Line[]; readonly highest: number }) {
  const extent = extentOf(lines, ({ y }) => y);
  if (extent === undefined) return null;
  return (
    <LineChart
      title="Latency by percentile"
      lines={lines}
      x={{ label: 'percentile', scale: percentileScale(highest), format: percentile }}
      y={{ label: 'latency, logarithmic', scale: logScale(...extent), format: latency }}
    />
  );
}

/** Formats a share as a percentile, with as many nines as it has: `p99.9`. */
function percentile(share: number): string {
  return share === 0
    ? 'lowest'
    : `p${Number((share * 100).toFixed(share > 0.999 ? 3 : share > 0.99 ? 2 : 1))}`;
}

interface CourseProps {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
}

/** A figure over the time of the benchmark. Lines pause while other variants run. */
function Course({ title, lines, format }: CourseProps) {
  const [start, end] = extentOf(lines, ({ x }) => x) ?? [0, 0];
  const highest = extentOf(lines, ({ y }) => y)?.[1];
  if (highest === undefined) return null;
  return (
    <LineChart
      title={title}
      lines={lines}
      x={{
        label: 'time since the start',
        scale: linearScale(start, end, 6),
        format: (value) => duration(value),
      }}
      y={{ label: title, scale: linearScale(0, highest, 4), format }}
    />
  );
}
