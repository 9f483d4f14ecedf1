import type { BenchResultJson } from '../../../data/bench.ts';
import { amount, bytes, latency } from '../../components/chart/units.ts';
import { Grid } from '../../components/grid.tsx';
import type { Workload } from './bench-model.ts';

/** The figures of a workload, one row for each variant. */
export function ResultTable({ workload }: { readonly workload: Workload }) {
  const { results } = workload;
  const hasBacklog = results.some(({ backlog }) => backlog !== undefined);
  const number = (title: string) => ({ key: title, title, number: true });
  return (
    <Grid
      label={`Figures of ${workload.name}`}
      columns={[
        { key: 'variant', title: 'Variant' },
        ...['Operations/s', 'p50', 'p90', 'p99', 'p99.9', 'Highest', 'CPU/operation', 'Memory'].map(number),
        ...(hasBacklog ? [number('Backlog')] : []),
        number('Errors'),
      ]}
      rows={results.map((result) => {
        const { variant, operationsPerS, latencyUs, backlog } = result;
        return {
          key: variant,
          header: variant,
          cells: [
            amount(operationsPerS),
            ...[latencyUs.p50, latencyUs.p90, latencyUs.p99, latencyUs.p999, latencyUs.max].map(latency),
            usageText(result, ({ cpuUsPerOperation }) => latency(cpuUsPerOperation)),
            usageText(
              result,
              ({ rssStartBytes, rssMaxBytes }) => `${bytes(rssStartBytes)} to ${bytes(rssMaxBytes)}`,
            ),
            ...(hasBacklog ? [backlog === undefined ? '' : amount(backlog.max)] : []),
            <Errors key="errors" result={result} />,
          ],
        };
      })}
    />
  );
}

type Usage = Extract<BenchResultJson['usage'], { kind: 'measured' }>['value'];

function usageText({ usage }: BenchResultJson, textOf: (usage: Usage) => string) {
  return usage.kind === 'measured' ? textOf(usage.value) : <small title={usage.reason}>not measured</small>;
}

function Errors({ result: { errors } }: { readonly result: BenchResultJson }) {
  if (errors.length === 0) return <>0</>;
  return (
    <ul>
      {errors.map(({ kind, count, example }) => (
        <li key={kind} class="bad" data-tone="failed" title={example}>
          {amount(count)} {kind}
        </li>
      ))}
    </ul>
  );
}
