import { OutcomeBadge } from '../../components/badge.tsx';
import type { Clause, RunModel } from '../../model/run-model.ts';
import { clauseMeaning, clauseTone } from '../../model/standing.ts';
import { CaseTable } from './case-table.tsx';
import { ContractText } from './contract-text.tsx';

/** A clause in full, with the cases that check it. */
export function ClausePage({ model, clause }: { readonly model: RunModel; readonly clause: Clause }) {
  const cases = clause.cases.flatMap((id) => model.caseById.get(id) ?? []);
  return (
    <>
      <section class="panel">
        <p class="trail">
          <span>
            <a href="#/">Overview</a> / {clause.section}
          </span>
        </p>
        <h1 tabIndex={-1}>{clause.clause}</h1>
        <p class="meta">
          <OutcomeBadge tone={clauseTone(clause.standing)} label={clause.standing} />
          {clauseMeaning(clause.standing)}
          <span>
            {clause.level}, {clause.weight}
          </span>
        </p>
        {clause.text !== undefined && (
          <p>
            <ContractText text={clause.text} />
          </p>
        )}
      </section>
      <section class="panel">
        <h2>Cases that check this clause</h2>
        <CaseTable cases={cases} />
      </section>
    </>
  );
}
