import { useMemo } from 'preact/hooks';
import type { ComparePage } from '../../../data/compare.ts';
import { Shell } from '../../components/shell.tsx';
import { useRoute } from '../../router.ts';
import { compareModelOf, findChange } from './compare-model.ts';
import { CompareOverview } from './overview.tsx';
import { toChanges } from './places.ts';
import { SidesPage } from './sides-page.tsx';

/** The view of a comparison of two reports. */
export function CompareView({ data }: { readonly data: Omit<ComparePage, 'evidence'> }) {
  const model = useMemo(() => compareModelOf(data), [data]);
  const { path, query } = useRoute();
  const [kind, ...rest] = path;
  const subject = rest.join('/');
  const change = kind === 'case' ? findChange(model, subject, query.get('in') ?? undefined) : undefined;
  const { old, new: fresh } = model.report;
  return (
    <Shell subject={`${old.file} → ${fresh.file}`}>
      {kind === undefined && <CompareOverview model={model} query={query} />}
      {change !== undefined && (
        <SidesPage key={`${change.implementation} ${subject}`} model={model} change={change} />
      )}
      {kind !== undefined && change === undefined && (
        <div class="panel">
          <h1 tabIndex={-1}>Not in this report</h1>
          <p>
            This comparison has no changed {kind} {subject}. <a href={toChanges()}>Go to the changes</a>
          </p>
        </div>
      )}
    </Shell>
  );
}
