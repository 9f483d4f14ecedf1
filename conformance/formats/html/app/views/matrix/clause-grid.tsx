import { useCallback } from 'preact/hooks';
import { FilterBar } from '../../components/filter-bar.tsx';
import { Grid, type GridColumn } from '../../components/grid.tsx';
import { OutcomeLink } from '../../components/outcome-link.tsx';
import { clauseStandings, clauseTone } from '../../model/standing.ts';
import { count } from '../../model/words.ts';
import { replaceRoute } from '../../router.ts';
import { filterIn, selectClauses } from './matrix-filter.ts';
import { absence, type MatrixClause, type MatrixModel } from './matrix-model.ts';
import { toClause, toClauseIn, toClauses } from './places.ts';

/** The clauses by implementation, with a filter that can choose an era. */
export function ClauseGrid({
  model,
  query,
}: {
  readonly model: MatrixModel;
  readonly query: URLSearchParams;
}) {
  const filter = filterIn(query);
  const order = query.get('order') ?? undefined;
  const selected = selectClauses(model, filter, order);
  const change = useCallback(
    (values: Readonly<Record<string, string | undefined>>) => replaceRoute(toClauses({ ...values, order })),
    [order],
  );
  const column = (key: string, title: string): GridColumn => ({
    key,
    title,
    sort: () => replaceRoute(toClauses({ ...filter, order: key })),
    sorted: order === key ? 'ascending' : undefined,
  });
  return (
    <section class="panel" aria-labelledby="clauses">
      <div class="panel-head">
        <h1 id="clauses" class="panel-title" tabIndex={-1}>
          Clauses by implementation{filter.era === undefined ? '' : `, ${filter.era} era`}
        </h1>
        <small role="status">
          {selected.length === model.clauses.length
            ? count(selected.length, 'clause')
            : `${selected.length} of ${count(model.clauses.length, 'clause')}`}
        </small>
      </div>
      <FilterBar subject="clauses" choices={choicesOf(model)} values={{ ...filter }} onChange={change} />
      <Grid
        label="Table of clauses"
        columns={[
          column('clause', 'Clause'),
          { key: 'level', title: 'Level' },
          { key: 'weight', title: 'Weight' },
          ...model.implementations.map(({ name }) => column(`in:${name}`, name)),
        ]}
        rows={selected.map((each) => ({
          key: each.id,
          header: (
            <>
              <a href={toClause(each.id)}>{each.id}</a>
              <small class="grid-note">
                {each.section === each.id.replace(/-\d+$/, '') ? '' : each.section}
              </small>
            </>
          ),
          cells: [
            each.level,
            each.weight,
            ...model.implementations.map((_, index) => (
              <ClauseOutcome key={index} model={model} clause={each} index={index} />
            )),
          ],
        }))}
      />
      {selected.length === 0 && <p class="soft">No clause matches this filter.</p>}
    </section>
  );
}

/** The standing of a clause in one implementation, or the reason that there is no standing. */
export function ClauseOutcome({
  model,
  clause,
  index,
}: {
  readonly model: MatrixModel;
  readonly clause: Pick<MatrixClause, 'id' | 'standings'>;
  readonly index: number;
}) {
  const implementation = model.implementations[index];
  const standing = clause.standings[index];
  if (implementation === undefined) return null;
  if (standing === undefined) return <small>{absence(implementation)}</small>;
  return (
    <OutcomeLink
      tone={clauseTone(standing)}
      label={standing}
      href={toClauseIn(implementation.name, clause.id)}
      name={`${clause.id} in ${implementation.name}`}
    />
  );
}

function choicesOf({ clauses, eras }: MatrixModel) {
  const present = new Set(clauses.flatMap((each) => each.standings));
  const inEras = new Set(clauses.flatMap((each) => each.eras.map(({ era }) => era)));
  return [
    { name: 'outcome', label: 'Outcome', values: clauseStandings.filter((each) => present.has(each)) },
    { name: 'level', label: 'Level', values: [...new Set(clauses.map(({ level }) => level))].sort() },
    { name: 'era', label: 'Era', values: eras.filter((era) => inEras.has(era)) },
  ].filter(({ values }) => values.length > 1);
}
