import { Legend } from '../../components/legend.tsx';
import { Strip } from '../../components/strip.tsx';
import type { RunModel } from '../../model/run-model.ts';
import { clauseMeaning, clauseStandings, clauseTone } from '../../model/standing.ts';
import { toClause } from './places.ts';

/** All clauses of the contract as one picture: a strip for each chapter, with a cell for each clause. */
export function ClauseMap({ model }: { readonly model: RunModel }) {
  const entries = clauseStandings
    .map((standing) => ({
      tone: clauseTone(standing),
      label: standing,
      meaning: clauseMeaning(standing),
      count: model.clauses.filter((each) => each.standing === standing).length,
    }))
    .filter(({ count }) => count > 0);
  return (
    <section class="panel" aria-labelledby="clauses">
      <div class="panel-head">
        <h2 id="clauses">Clauses by chapter</h2>
        <Legend entries={entries} />
      </div>
      <ul class="rows wide-rows">
        {model.chapters.map(({ title, clauses }) => (
          <li class="row" key={title}>
            <span>{title}</span>
            <Strip
              label={title}
              cells={clauses.map(({ clause, standing }) => ({
                href: toClause(clause),
                label: `${clause}: ${standing}`,
                tone: clauseTone(standing),
              }))}
            />
            <span class="row-end">
              {clauses.filter(({ standing }) => standing === 'held').length} of {clauses.length}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
