import { useCallback, useState } from 'preact/hooks';
import { OutcomeBadge } from '../../components/badge.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { Grid, type GridColumn } from '../../components/grid.tsx';
import { OutcomeLink } from '../../components/outcome-link.tsx';
import { ShowAll } from '../../components/show-all.tsx';
import { type Standing, standings, toneOf } from '../../model/standing.ts';
import { count } from '../../model/words.ts';
import { replaceRoute } from '../../router.ts';
import { filterIn, selectCases } from './matrix-filter.ts';
import { absence, type MatrixCase, type MatrixModel } from './matrix-model.ts';
import { agreements } from './overview.tsx';
import { toCase, toCases, toClause, toEvidence } from './places.ts';

const shownAtFirst = 100;

/** The cases by implementation, with a filter. Each cell leads to its evidence. */
export function CaseGrid({ model, query }: { readonly model: MatrixModel; readonly query: URLSearchParams }) {
  const [isWhole, setWhole] = useState(false);
  const filter = filterIn(query);
  const order = query.get('order') ?? undefined;
  const selected = selectCases(model, filter, order);
  const rows = isWhole ? selected : selected.slice(0, shownAtFirst);
  const change = useCallback(
    (values: Readonly<Record<string, string | undefined>>) => replaceRoute(toCases({ ...values, order })),
    [order],
  );
  const column = (key: string, title: string): GridColumn => ({
    key,
    title,
    sort: () => replaceRoute(toCases({ ...filter, order: key })),
    sorted: (order ?? 'agreement') === key ? 'ascending' : undefined,
  });
  return (
    <section class="panel" aria-labelledby="cases">
      <div class="panel-head">
        <h1 id="cases" class="panel-title" tabIndex={-1}>
          Cases by implementation
        </h1>
        <small role="status">
          {selected.length === model.cases.length
            ? count(selected.length, 'case')
            : `${selected.length} of ${count(model.cases.length, 'case')}`}
        </small>
      </div>
      <FilterBar subject="cases" choices={choicesOf(model)} values={{ ...filter }} onChange={change} />
      <Grid
        label="Table of cases"
        columns={[
          column('case', 'Case'),
          ...model.implementations.map(({ name }) => column(`in:${name}`, name)),
          column('agreement', 'Agreement'),
          column('clause', 'Clause'),
          ...(model.eras.length > 1 ? [{ key: 'era', title: 'Era' }] : []),
        ]}
        rows={rows.map((each) => ({
          key: each.id,
          header: (
            <>
              <a href={toCase(each.id)}>{each.id}</a>
              <small class="grid-note">{each.title}</small>
            </>
          ),
          cells: [
            ...model.implementations.map((_, index) => (
              <Outcome key={index} model={model} of={each} index={index} />
            )),
            <Agreement key="agreement" of={each} />,
            <a key="clause" href={toClause(each.clauses[0] ?? '')}>
              {each.clauses[0]}
            </a>,
            ...(model.eras.length > 1 ? [each.eras.join(', ')] : []),
          ],
        }))}
      />
      {selected.length === 0 && <p class="soft">No case matches this filter.</p>}
      <ShowAll shown={rows.length} total={selected.length} noun="cases" onShow={() => setWhole(true)} />
    </section>
  );
}

function Agreement({ of }: { readonly of: MatrixCase }) {
  const tone = agreements.find(({ agreement }) => agreement === of.agreement)?.tone ?? 'skipped';
  return of.agreement === 'passed by all' ? (
    <small>{of.agreement}</small>
  ) : (
    <OutcomeBadge tone={tone} label={of.agreement} />
  );
}

/** The outcome of a case in one implementation, or the reason that there is no outcome. */
export function Outcome({
  model,
  of,
  index,
}: {
  readonly model: MatrixModel;
  readonly of: MatrixCase;
  readonly index: number;
}) {
  const implementation = model.implementations[index];
  const standing = of.standings[index];
  if (implementation === undefined) return null;
  if (standing === undefined) return <small>{absence(implementation)}</small>;
  return (
    <OutcomeLink
      tone={toneOf(standing as Standing)}
      label={standing}
      href={toEvidence(implementation.name, of.id)}
      name={`${of.id} in ${implementation.name}`}
    />
  );
}

function choicesOf({ cases, clauses, eras }: MatrixModel) {
  const outcomes = new Set(cases.flatMap((each) => each.standings));
  const relations = new Set(cases.map(({ agreement }) => agreement));
  const named = new Set(cases.flatMap((each) => each.clauses));
  return [
    {
      name: 'agreement',
      label: 'Agreement',
      values: agreements.map(({ agreement }) => agreement).filter((each) => relations.has(each)),
    },
    { name: 'outcome', label: 'Outcome', values: standings.filter((each) => outcomes.has(each)) },
    { name: 'suite', label: 'Suite', values: [...new Set(cases.map(({ suite }) => suite))] },
    { name: 'clause', label: 'Clause', values: clauses.map(({ id }) => id).filter((id) => named.has(id)) },
    { name: 'level', label: 'Level', values: [...new Set(cases.map(({ level }) => level))].sort() },
    { name: 'era', label: 'Era', values: eras },
  ].filter(({ values }) => values.length > 1);
}
