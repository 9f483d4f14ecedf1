import { useMemo } from 'preact/hooks';
import type { ProtoCheckPage } from '../../../data/proto-check.ts';
import { Shell } from '../../components/shell.tsx';
import { routeTo, useRoute } from '../../router.ts';
import { MatrixPlace } from '../matrix/matrix-view.tsx';
import { BreakPage } from './break-page.tsx';
import { ProtoOverview } from './overview.tsx';
import { protoModelOf } from './proto-model.ts';

/** The view of a check of the proto module. The suite that it ran appears as a matrix. */
export function ProtoCheckView({ data }: { readonly data: Omit<ProtoCheckPage, 'evidence'> }) {
  const model = useMemo(() => protoModelOf(data), [data]);
  const route = useRoute();
  const [kind, number] = route.path;
  const found = kind === 'break' ? model.breaks[Number(number) - 1] : undefined;
  const { module, against } = model.report;
  return (
    <Shell subject={`${module} against ${against}`}>
      {kind === undefined && <ProtoOverview model={model} />}
      {found !== undefined && <BreakPage key={found.number} model={model} found={found} />}
      {kind !== undefined && found === undefined && model.matrix !== undefined && (
        <>
          <nav class="within" aria-label="Report">
            <a href={routeTo([])}>Proto check</a>
            <span aria-hidden="true"> / </span>
            <a href="#/matrix">Suite</a>
          </nav>
          <MatrixPlace model={model.matrix} route={route} />
        </>
      )}
      {kind !== undefined && found === undefined && model.matrix === undefined && (
        <div class="panel">
          <h1 tabIndex={-1}>Not in this report</h1>
          <p>
            The suite did not run. <a href={routeTo([])}>Go to the overview</a>
          </p>
        </div>
      )}
    </Shell>
  );
}
