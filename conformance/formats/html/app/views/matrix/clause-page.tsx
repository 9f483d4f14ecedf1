import { Grid } from '../../components/grid.tsx';
import { ContractText } from '../run/contract-text.tsx';
import { Outcome } from './case-grid.tsx';
import { ClauseOutcome } from './clause-grid.tsx';
import type { MatrixClause, MatrixModel } from './matrix-model.ts';
import { toCase, toCases, toClauses } from './places.ts';

/** A clause in full: its standing by implementation and era, and the cases that check it. */
export function MatrixClausePage({
  model,
  clause,
}: {
  readonly model: MatrixModel;
  readonly clause: MatrixClause;
}) {
  const { id, level, weight, section, text, eras } = clause;
  const cases = model.cases.filter((each) => each.clauses.includes(id));
  const names = model.implementations.map(({ name }) => ({ key: name, title: name }));
  const rows = [{ era: 'overall', standings: clause.standings }, ...(eras.length > 1 ? eras : [])];
  return (
    <>
      <section class="panel">
        <p class="trail">
          <span>
            <a href={toClauses()}>Clauses</a> / {section}
          </span>
        </p>
        <h1 tabIndex={-1}>{id}</h1>
        <p class="meta">
          {level}, {weight}
        </p>
        {text !== undefined && (
          <p>
            <ContractText text={text} />
          </p>
        )}
      </section>
      <section class="panel">
        <h2>Standing by implementation</h2>
        <Grid
          label={`Standing of ${id}`}
          columns={[{ key: 'era', title: 'Era' }, ...names]}
          rows={rows.map(({ era, standings }) => ({
            key: era,
            header: era,
            cells: model.implementations.map((_, index) => (
              <ClauseOutcome key={index} model={model} clause={{ id, standings }} index={index} />
            )),
          }))}
        />
      </section>
      <section class="panel">
        <div class="panel-head">
          <h2>Cases that check this clause</h2>
          <a href={toCases({ clause: id })}>Filter by this clause</a>
        </div>
        <Grid
          label={`Cases of ${id}`}
          columns={[{ key: 'case', title: 'Case' }, ...names]}
          rows={cases.map((each) => ({
            key: each.id,
            header: (
              <>
                <a href={toCase(each.id)}>{each.id}</a>
                <small class="grid-note">{each.title}</small>
              </>
            ),
            cells: model.implementations.map((_, index) => (
              <Outcome key={index} model={model} of={each} index={index} />
            )),
          }))}
        />
      </section>
    </>
  );
}
