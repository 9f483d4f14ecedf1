import { useMemo } from 'preact/hooks';
import type { RunPage } from '../../../data/run.ts';
import { Shell } from '../../components/shell.tsx';
import { modelOf, type RunModel } from '../../model/run-model.ts';
import { useTitle } from '../../model/use-title.ts';
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
        <RunPlace model={model} route={route} />
      ) : (
        <NoTarget report={data.report} />
      )}
    </Shell>
  );
}

/** A place in a run. */
export function RunPlace({ model, route }: { readonly model: RunModel; readonly route: Route }) {
  const [kind, ...rest] = route.path;
  const id = rest.join('/');
  const found = {
    case: model.caseById.get(id),
    clause: model.clauseById.get(id),
    finding: model.findings[Number(id) - 1],
    suite: model.suites.find((suite) => suite.id === id),
  };
  useTitle(titleOf(kind, id, model), model.report.target.label);
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

/** Returns the name of a place in the title of the document. */
function titleOf(kind: string | undefined, id: string, model: RunModel): string | undefined {
  switch (kind) {
    case undefined:
      return undefined;
    case 'finding': {
      const clause = model.findings[Number(id) - 1]?.clause;
      return clause === undefined ? `finding ${id}` : `Finding ${id}, ${clause}`;
    }
    case 'suite':
      return `Suite ${id}`;
    default:
      return id;
  }
}
