import { Legend } from '../../components/legend.tsx';
import { Strip } from '../../components/strip.tsx';
import { clauseMeaning, clauseStandings, clauseTone } from '../../model/standing.ts';
import { absence, type MatrixModel } from './matrix-model.ts';
import { toClause, toClauses } from './places.ts';

/** All clauses as one picture: a row for each chapter, with a strip of clauses for each implementation. */
export function ChapterMap({ model }: { readonly model: MatrixModel }) {
  const all = model.clauses.flatMap(({ standings }) => standings);
  const entries = clauseStandings
    .map((standing) => ({
      tone: clauseTone(standing),
      label: standing,
      meaning: clauseMeaning(standing),
      count: all.filter((each) => each === standing).length,
      href: toClauses({ outcome: standing }),
    }))
    .filter(({ count }) => count > 0);
  return (
    <section class="panel" aria-labelledby="chapters">
      <div class="panel-head">
        <h2 id="chapters">Clauses by chapter</h2>
        <Legend entries={entries} />
      </div>
      <ul class="chapters">
        {model.chapters.map(({ title, clauses }) => (
          <li key={title}>
            <h3>{title}</h3>
            <ul class="chapter-rows">
              {model.implementations.map((each, index) => {
                const checked = clauses.filter(({ standings }) => standings[index] !== undefined);
                const held = checked.filter(({ standings }) => standings[index] === 'held').length;
                return (
                  <li key={each.name} class="row">
                    <span>{each.name}</span>
                    {checked.length === 0 ? (
                      <small>{absence(each)}</small>
                    ) : (
                      <Strip
                        label={`${title} in ${each.name}`}
                        cells={checked.map(({ id, standings }) => ({
                          href: toClause(id),
                          label: `${id} in ${each.name}: ${standings[index]}`,
                          tone: clauseTone(standings[index] ?? ''),
                        }))}
                      />
                    )}
                    <span class="row-end">
                      {held} of {checked.length}
                    </span>
                  </li>
                );
              })}
            </ul>
          </li>
        ))}
      </ul>
    </section>
  );
}
