import { useState } from 'preact/hooks';
import { OutcomeBadge, Sign } from '../../components/badge.tsx';
import { ShowAll } from '../../components/show-all.tsx';
import { Table } from '../../components/table.tsx';
import { type Standing, type Tone, toneOf } from '../../model/standing.ts';
import type { Change } from './compare-model.ts';
import { toChanges, toSides } from './places.ts';

const shownAtFirst = 60;

interface ChangeTableProps {
  readonly title: string;
  readonly tone: Tone;
  readonly changes: readonly Change[];
  readonly hasImplementations: boolean;
}

/** The changes of one kind. Each leads to both sides of its case. */
export function ChangeTable({ title, tone, changes, hasImplementations }: ChangeTableProps) {
  const [isWhole, setWhole] = useState(false);
  if (changes.length === 0) return null;
  const rows = isWhole ? changes : changes.slice(0, shownAtFirst);
  return (
    <div class="changes" data-tone={tone}>
      <h3>
        <span class="changes-sign">
          <Sign tone={tone} />
        </span>{' '}
        {title} <small>{changes.length}</small>
      </h3>
      <Table
        label={title}
        rows={rows}
        keyOf={({ implementation, subject }) => `${implementation} ${subject}`}
        columns={[
          {
            title: 'Case',
            render: (change) => (
              <>
                <Subject change={change} />
                <br />
                <small>{change.reason === '' ? change.title : change.reason}</small>
              </>
            ),
          },
          ...(hasImplementations
            ? [{ title: 'Implementation', render: ({ implementation }: Change) => implementation }]
            : []),
          {
            title: 'Clause',
            render: ({ clauses: [main] }) => main && <a href={toChanges({ clause: main })}>{main}</a>,
          },
          {
            title: 'Before and after',
            render: ({ before, after }) => (
              <span class="turn">
                <Side standing={before} />
                <span aria-hidden="true">→</span>
                <span class="visually-hidden">to</span>
                <Side standing={after} />
              </span>
            ),
          },
        ]}
      />
      <ShowAll shown={rows.length} total={changes.length} noun="changes" onShow={() => setWhole(true)} />
    </div>
  );
}

function Subject({ change }: { readonly change: Change }) {
  const { subject, implementation, cases } = change;
  if (cases.before === undefined && cases.after === undefined) return <>{subject}</>;
  return <a href={toSides(subject, implementation)}>{subject}</a>;
}

/** The standing on one side. */
export function Side({ standing }: { readonly standing: string | undefined }) {
  if (standing === undefined) return <small>absent</small>;
  return <OutcomeBadge tone={toneOf(standing as Standing)} label={standing} />;
}
