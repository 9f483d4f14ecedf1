import { useMemo } from 'preact/hooks';
import type { BenchPage } from '../../../data/bench.ts';
import { Shell } from '../../components/shell.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { routeTo, useRoute } from '../../router.ts';
import { workloadsOf } from './bench-model.ts';
import { BenchOverview } from './overview.tsx';
import { WorkloadPage } from './workload-page.tsx';

/** The view of a benchmark. */
export function BenchView({ data }: { readonly data: BenchPage }) {
  const { report } = data;
  const workloads = useMemo(() => workloadsOf(report), [report]);
  const { path } = useRoute();
  const [kind, ...rest] = path;
  const name = rest.join('/');
  const workload = kind === 'workload' ? workloads.find((each) => each.name === name) : undefined;
  return (
    <Shell subject={report.variants.map((variant) => variant.name).join(', ')}>
      <Tabs
        label="Workloads"
        tabs={[
          { title: 'Overview', href: routeTo([]), isCurrent: kind === undefined },
          ...workloads.map((each) => ({
            title: each.name,
            href: routeTo(['workload', each.name]),
            isCurrent: each === workload,
          })),
        ]}
      />
      {kind === undefined && <BenchOverview report={report} workloads={workloads} />}
      {workload !== undefined && <WorkloadPage key={name} report={report} workload={workload} />}
      {kind !== undefined && workload === undefined && (
        <div class="panel">
          <h1 tabIndex={-1}>Not in this report</h1>
          <p>
            This report has no {kind} {name}. <a href={routeTo([])}>Go to the overview</a>
          </p>
        </div>
      )}
    </Shell>
  );
}
