import { useMemo } from 'preact/hooks';
import type { RunPage } from '../../../data/run.ts';
import { Shell } from '../../components/shell.tsx';
import { modelOf, type RunModel } from '../../model/run-model.ts';
import { type Route, useRoute } from '../../router.ts';
import { CasePage } from './case-page.tsx';
import { ClausePage } from './clause-page.tsx';
import { FindingPage } from './finding-page.tsx';
import { NoTarget } from './no-target.tsx';
import { Overview } from './overview.tsx';
import { SuitePage } from './suite-page.tsx';

/** The view of a run against a runtime or a gateway. */
export function RunView({ data }: { readonly data: Omit<RunPage, 'evidence'> }) {
  const model = useMemo(() => modelOf(data), [data]);
  const route = useRoute();
  return (
    <Shell subject={data.report.target.label}>
      {data.report.error === undefined ? (
        <Place model={model} route={route} />
      ) : (
        <NoTarget report={data.report} />
      )}
    </Shell>
  );
}

function Place({ model, route }: { readonly model: RunModel; readonly route: Route }) {
  const [kind, ...rest] = route.path;
  const id = rest.join('/');
  const found = {
    case: model.caseById.get(id),
    clause: model.clauseById.get(id),
    finding: model.findings[Number(id) - 1],
    suite: model.suites.find((suite) => suite.id === id),
  };
  if (kind === undefined) return <Overview model={model} query={route.query} />;
  if (kind === 'case' && found.case) return <CasePage key={id} model={model} subject={found.case} />;
  if (kind === 'clause' && found.clause) return <ClausePage model={model} clause={found.clause} />;
  if (kind === 'finding' && found.finding) return <FindingPage model={model} finding={found.finding} />;
  if (kind === 'suite' && found.suite) return <SuitePage model={model} suite={found.suite} />;
  return (
    <div class="panel">
      <h1 tabIndex={-1}>Not in this report</h1>
      <p>
        This report has no {kind} {id}. <a href="#/">Go to the overview</a>
      </p>
    </div>
  );
}
