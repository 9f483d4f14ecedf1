import type { BenchComparisonJson, BenchReportJson } from '../../../data/bench.ts';
import { type Interval, IntervalChart } from '../../components/chart/interval-chart.tsx';
import { linearScale } from '../../components/chart/scale.ts';
import { percent } from '../../components/chart/units.ts';

const figures: Readonly<Record<BenchComparisonJson['metric'], string>> = {
  throughput: 'throughput',
  p50: 'median latency',
  p99: 'latency p99',
  cpu: 'CPU per operation',
};

const tones: Readonly<Record<BenchComparisonJson['outcome'], Interval['tone']>> = {
  regression: 'bad',
  slower: 'bad',
  faster: 'good',
  'no-difference': 'neutral',
};

const words: Readonly<Record<BenchComparisonJson['outcome'], string>> = {
  regression: 'regression',
  slower: 'slower',
  faster: 'faster',
  'no-difference': 'inconclusive',
};

/** The differences to the baseline with their confidence intervals, one picture for each variant. */
export function Comparisons({ report }: { readonly report: Pick<BenchReportJson, 'comparisons'> }) {
  const { comparisons } = report;
  if (comparisons.length === 0) return null;
  const low = Math.min(0, ...comparisons.map((each) => each.low));
  const high = Math.max(0, ...comparisons.map((each) => each.high));
  const pairs = [...new Set(comparisons.map(({ variant }) => variant))];
  return (
    <section class="panel" aria-labelledby="differences">
      <div class="panel-head">
        <h2 id="differences">Differences</h2>
        <small>Right of 0 is slower or more expensive. Lines are confidence intervals.</small>
      </div>
      {pairs.map((variant) => {
        const own = comparisons.filter((each) => each.variant === variant);
        return (
          <IntervalChart
            key={variant}
            title={`${variant} against ${own[0]?.baseline}`}
            scale={linearScale(low, high, 5)}
            format={(value) => percent(value, true)}
            intervals={own.map((each) => ({
              label: `${each.workload}, ${figures[each.metric]}`,
              low: each.low,
              value: each.slowdown,
              high: each.high,
              tone: tones[each.outcome],
              text: `${percent(each.slowdown, true)} (${percent(each.low, true)} to ${percent(each.high, true)}), ${words[each.outcome]}`,
            }))}
          />
        );
      })}
    </section>
  );
}
