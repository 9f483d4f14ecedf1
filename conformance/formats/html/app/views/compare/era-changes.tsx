import type { CompareReportJson, EraOutcomeJson } from '../../../data/compare.ts';
import { Table } from '../../components/table.tsx';

/** The outcome in each era, before and after. */
export function EraChanges({ report }: { readonly report: CompareReportJson }) {
  const { eras } = report;
  if (eras.length === 0) return null;
  return (
    <section class="panel">
      <h2>By era</h2>
      <Table
        label="Outcome by era"
        rows={eras}
        keyOf={({ implementation, era }) => `${implementation} ${era}`}
        columns={[
          {
            title: 'Era',
            render: ({ implementation, era }) =>
              implementation === undefined ? era : `${implementation}, ${era}`,
          },
          { title: 'Cases before', render: ({ before }) => casesText(before) },
          { title: 'Cases after', render: ({ after }) => casesText(after) },
          { title: 'Clauses before', render: ({ before }) => clausesText(before) },
          { title: 'Clauses after', render: ({ after }) => clausesText(after) },
        ]}
      />
    </section>
  );
}

function casesText(outcome: EraOutcomeJson | undefined): string {
  return outcome === undefined ? 'not checked' : `${outcome.passed} of ${outcome.cases} passed`;
}

function clausesText(outcome: EraOutcomeJson | undefined): string {
  const clauses = outcome?.clauses;
  return clauses === undefined ? '' : `${clauses.held} of ${clauses.checked} held`;
}
