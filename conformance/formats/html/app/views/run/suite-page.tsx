import type { RunModel, Suite } from '../../model/run-model.ts';
import { count, duration } from '../../model/words.ts';
import { CaseTable } from './case-table.tsx';
import { toCases } from './places.ts';

/** All cases of a suite. */
export function SuitePage({ suite }: { readonly model: RunModel; readonly suite: Suite }) {
  return (
    <section class="panel">
      <p class="trail">
        <span>
          <a href="#/">Overview</a> / Suite
        </span>
      </p>
      <h1 tabIndex={-1}>{suite.id}</h1>
      <p class="meta">
        {count(suite.cases.length, 'case')}, {duration(suite.durationMs)} in all
        <a href={toCases({ suite: suite.id })}>Filter by this suite</a>
      </p>
      <CaseTable cases={suite.cases} />
    </section>
  );
}
