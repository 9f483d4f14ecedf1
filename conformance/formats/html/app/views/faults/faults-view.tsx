import { useMemo } from 'preact/hooks';
import type { FaultsPage } from '../../../data/faults.ts';
import { Shell } from '../../components/shell.tsx';
import { useRoute } from '../../router.ts';
import { FaultPage } from './fault-page.tsx';
import { faultsModelOf } from './faults-model.ts';
import { FaultsOverview } from './overview.tsx';
import { toFaults } from './places.ts';

/** The view of faults: which case catches which fault of an implementation. */
export function FaultsView({ data }: { readonly data: FaultsPage }) {
  const model = useMemo(() => faultsModelOf(data), [data]);
  const { path, query } = useRoute();
  const [kind, ...rest] = path;
  const name = rest.join('/');
  const fault = kind === 'fault' ? model.byName.get(name) : undefined;
  return (
    <Shell subject={subjects[data.report.subject]}>
      {kind === undefined && <FaultsOverview model={model} query={query} />}
      {fault !== undefined && <FaultPage key={name} model={model} fault={fault} />}
      {kind !== undefined && fault === undefined && (
        <div class="panel">
          <h1 tabIndex={-1}>Not in this report</h1>
          <p>
            This report has no {kind} {name}. <a href={toFaults()}>Go to the overview</a>
          </p>
        </div>
      )}
    </Shell>
  );
}

const subjects: Readonly<Record<FaultsPage['report']['subject'], string>> = {
  runtime: 'faults of the reference runtime',
  gateway: 'faults of the gateway',
  variations: 'variations of the reference runtime',
  go: 'faults of the Go runtime',
};
