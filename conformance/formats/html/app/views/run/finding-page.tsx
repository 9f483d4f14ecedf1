import type { Finding, RunModel } from '../../model/run-model.ts';
import { extentOf, summaryWithoutClause } from '../../model/words.ts';
import { CaseTable } from './case-table.tsx';
import { toCase, toCases } from './places.ts';
import { Rule } from './rule.tsx';

/** A finding: the violated clause, its cases, and the cases that it blocks. */
export function FindingPage({ model, finding }: { readonly model: RunModel; readonly finding: Finding }) {
  const { number, clause, alsoViolated = [], summary, cases, blocked } = finding;
  const listed = (ids: readonly string[]) => ids.flatMap((id) => model.caseById.get(id) ?? []);
  const example = cases[0] ?? blocked[0];
  return (
    <>
      <section class="panel verdict" data-tone="failed">
        <p class="trail">
          <span>
            <a href={toCases({})}>Overview</a> / Finding {number} of {model.findings.length}
          </span>
        </p>
        <h1 tabIndex={-1}>
          <span class="id">{clause}</span>: {summaryWithoutClause(summary, clause)}
        </h1>
        <p class="meta">
          {extentOf(cases.length, blocked.length)}
          {example !== undefined && <a href={toCase(example)}>See the example {example}</a>}
        </p>
      </section>
      <section class="panel">
        <h2>Violated</h2>
        {[clause, ...alsoViolated].map((id, index) => (
          <Rule key={id} model={model} id={id} tone={index === 0 ? 'failed' : undefined} />
        ))}
      </section>
      {cases.length > 0 && (
        <section class="panel">
          <h2>Failing cases</h2>
          <CaseTable cases={listed(cases)} />
        </section>
      )}
      {blocked.length > 0 && (
        <section class="panel">
          <h2>Blocked cases</h2>
          <p class="soft">They cannot check their clauses until this finding is fixed.</p>
          <CaseTable cases={listed(blocked)} />
        </section>
      )}
    </>
  );
}
