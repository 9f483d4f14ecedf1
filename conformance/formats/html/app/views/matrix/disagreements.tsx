import { OutcomeLink } from '../../components/outcome-link.tsx';
import { type Standing, toneOf } from '../../model/standing.ts';
import { count } from '../../model/words.ts';
import { absence, type MatrixCase, type MatrixModel } from './matrix-model.ts';
import { toCase, toCases, toClause, toEvidence } from './places.ts';

const shown = 8;

/** The cases on which the implementations disagree, each with their outcomes. */
export function Disagreements({ model }: { readonly model: MatrixModel }) {
  const cases = model.cases.filter(({ agreement }) => agreement === 'disagreement');
  if (cases.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="disagreements">
      <div class="panel-head">
        <h2 id="disagreements">Disagreements</h2>
        <small>
          {cases.length > shown ? (
            <a href={toCases({ agreement: 'disagreement' })}>All {count(cases.length, 'case')}</a>
          ) : (
            count(cases.length, 'case')
          )}
        </small>
      </div>
      <ul class="disagreements">
        {cases.slice(0, shown).map((each) => (
          <Disagreement key={each.id} model={model} of={each} />
        ))}
      </ul>
    </section>
  );
}

function Disagreement({ model, of }: { readonly model: MatrixModel; readonly of: MatrixCase }) {
  const { id, title, clauses, standings, results } = of;
  const [main = ''] = clauses;
  return (
    <li>
      <p>
        <a href={toCase(id)}>{id}</a> <a href={toClause(main)}>{main}</a>
        <br />
        <small>{title}</small>
      </p>
      <ul class="answers">
        {model.implementations.map((each, index) => {
          const standing = standings[index];
          return (
            <li key={each.name}>
              <span class="answers-name">{each.name}</span>
              {standing === undefined ? (
                <small>{absence(each)}</small>
              ) : (
                <>
                  <OutcomeLink
                    tone={toneOf(standing as Standing)}
                    label={standing}
                    href={toEvidence(each.name, id)}
                    name={`${id} in ${each.name}`}
                  />
                  <code>{results[index]?.reason}</code>
                </>
              )}
            </li>
          );
        })}
      </ul>
    </li>
  );
}
