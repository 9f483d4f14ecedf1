import { useState } from 'preact/hooks';
import { OutcomeBadge } from '../../components/badge.tsx';
import { ShowAll } from '../../components/show-all.tsx';
import { Table } from '../../components/table.tsx';
import type { Case } from '../../model/run-model.ts';
import { toneOf, violatedBy } from '../../model/standing.ts';
import { duration } from '../../model/words.ts';
import { toCase, toClause } from './places.ts';

const shownAtFirst = 60;

/** Cases as a table, at first the first ones. */
export function CaseTable({ cases }: { readonly cases: readonly Case[] }) {
  const [isWhole, setWhole] = useState(false);
  const rows = isWhole ? cases : cases.slice(0, shownAtFirst);
  if (cases.length === 0) return null;
  return (
    <>
      <Table
        label="Cases"
        rows={rows}
        keyOf={({ id }) => id}
        columns={[
          {
            title: 'Outcome',
            render: ({ standing }) => <OutcomeBadge tone={toneOf(standing)} label={standing} />,
          },
          {
            title: 'Case',
            render: ({ id, title, reason }) => (
              <>
                <a href={toCase(id)}>{id}</a>
                <br />
                <small>{reason === '' ? title : reason}</small>
              </>
            ),
          },
          {
            title: 'Clause',
            render: (each) => {
              const [id = ''] = [...violatedBy(each), ...each.clauses];
              return <a href={toClause(id)}>{id}</a>;
            },
          },
          { title: 'Time', number: true, render: ({ durationMs }) => duration(durationMs) },
        ]}
      />
      <ShowAll shown={rows.length} total={cases.length} noun="cases" onShow={() => setWhole(true)} />
    </>
  );
}
