import type { RunModel } from '../../model/run-model.ts';
import { Cases } from './cases.tsx';
import { ClauseMap } from './clause-map.tsx';
import { Findings } from './findings.tsx';
import { Provenance } from './provenance.tsx';
import { Slowest } from './slowest.tsx';
import { VerdictPanel } from './verdict-panel.tsx';

/** The first page of a run: the verdict, the findings, the clauses, the cases, and the facts about the run. */
export function Overview({ model, query }: { readonly model: RunModel; readonly query: URLSearchParams }) {
  return (
    <>
      <VerdictPanel model={model} />
      {model.findings.length > 0 && <Findings model={model} />}
      <ClauseMap model={model} />
      <Cases model={model} query={query} />
      <div class="columns">
        <Slowest model={model} />
        <Provenance model={model} />
      </div>
    </>
  );
}
