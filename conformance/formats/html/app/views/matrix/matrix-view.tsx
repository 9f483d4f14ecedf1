import { useMemo } from 'preact/hooks';
import type { MatrixPage } from '../../../data/matrix.ts';
import { Shell } from '../../components/shell.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { type Route, useRoute } from '../../router.ts';
import { NoTarget } from '../run/no-target.tsx';
import { RunPlace } from '../run/run-view.tsx';
import { AnswersPage } from './answers-page.tsx';
import { CaseGrid } from './case-grid.tsx';
import { ClauseGrid } from './clause-grid.tsx';
import { MatrixClausePage } from './clause-page.tsx';
import { type MatrixModel, matrixModelOf } from './matrix-model.ts';
import { MatrixOverview } from './overview.tsx';
import { toCases, toClauses, toMatrix } from './places.ts';

/** The view of a matrix: the same cases on several implementations. */
export function MatrixView({ data }: { readonly data: Omit<MatrixPage, 'evidence'> }) {
  const model = useMemo(() => matrixModelOf(data), [data]);
  const route = useRoute();
  return (
    <Shell subject={model.implementations.map(({ name }) => name).join(', ')}>
      <MatrixPlace model={model} route={route} />
    </Shell>
  );
}

/** A place in a matrix. */
export function MatrixPlace({ model, route }: { readonly model: MatrixModel; readonly route: Route }) {
  const [kind = 'matrix', ...rest] = route.path;
  const id = rest.join('/');
  if (kind === 'in') return <OneRun model={model} route={route} />;
  const [subject, clause] = [model.caseById.get(id), model.clauseById.get(id)];
  if (kind === 'case' && subject) return <AnswersPage key={id} model={model} subject={subject} />;
  if (kind === 'clause' && clause) return <MatrixClausePage key={id} model={model} clause={clause} />;
  if (kind !== 'matrix' && kind !== 'cases' && kind !== 'clauses') return <Missing what={`${kind} ${id}`} />;
  return (
    <>
      <Tabs
        label="Parts of the matrix"
        tabs={[
          { title: 'Overview', href: toMatrix(), isCurrent: kind === 'matrix' },
          { title: 'Cases', href: toCases(), isCurrent: kind === 'cases', count: model.cases.length },
          { title: 'Clauses', href: toClauses(), isCurrent: kind === 'clauses', count: model.clauses.length },
        ]}
      />
      {kind === 'matrix' && <MatrixOverview model={model} />}
      {kind === 'cases' && <CaseGrid model={model} query={route.query} />}
      {kind === 'clauses' && <ClauseGrid model={model} query={route.query} />}
    </>
  );
}

/** The run of one implementation, as a page of its own would show it. */
function OneRun({ model, route }: { readonly model: MatrixModel; readonly route: Route }) {
  const [, name = '', ...path] = route.path;
  const found = model.implementations.find((each) => each.name === name);
  if (found === undefined) return <Missing what={`implementation ${name}`} />;
  const { report } = found.run;
  const [kind, ...rest] = path;
  const shared = kind === 'case' ? model.caseById.get(rest.join('/')) : undefined;
  return (
    <>
      <nav class="within" aria-label="Implementation">
        <a href={`#/matrix`}>Matrix</a>
        <span aria-hidden="true"> / </span>
        <a href={`#/in/${encodeURIComponent(name)}`}>{name}</a>
        {shared !== undefined && (
          <span class="within-others">
            {model.implementations.map((each) => (
              <a
                key={each.name}
                href={`#/in/${encodeURIComponent(each.name)}/case/${shared.id}`}
                aria-current={each.name === name ? 'page' : undefined}
              >
                {each.name}
              </a>
            ))}
            <a href={`#/case/${shared.id}`}>side by side</a>
          </span>
        )}
      </nav>
      {report.error === undefined ? (
        <RunPlace model={found.run} route={{ ...route, path }} />
      ) : (
        <NoTarget report={report} />
      )}
    </>
  );
}

function Missing({ what }: { readonly what: string }) {
  return (
    <div class="panel">
      <h1 tabIndex={-1}>Not in this report</h1>
      <p>
        This report has no {what}. <a href={toMatrix()}>Go to the matrix</a>
      </p>
    </div>
  );
}
