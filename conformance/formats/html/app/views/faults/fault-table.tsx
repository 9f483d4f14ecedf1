import { useState } from 'preact/hooks';
import { OutcomeBadge } from '../../components/badge.tsx';
import { ShowAll } from '../../components/show-all.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { type Fault, resultTone } from './faults-model.ts';
import { toFault, toFaults } from './places.ts';

const shownAtFirst = 60;

interface FaultTableProps {
  readonly label: string;
  readonly faults: readonly Fault[];
  readonly expects: 'caught' | 'passed';
}

/** Faults with the case that catches each, and the number of clauses that the report of its run names. */
export function FaultTable({ label, faults, expects }: FaultTableProps) {
  const [isWhole, setWhole] = useState(false);
  if (faults.length === 0) return null;
  const rows = isWhole ? faults : faults.slice(0, shownAtFirst);
  const caught: readonly Column<Fault>[] = [
    {
      title: 'Caught by',
      render: ({ firstCatch, failed }) => (
        <>
          {firstCatch === undefined ? (
            <small>no case</small>
          ) : (
            <a href={toFaults({ case: firstCatch })}>{firstCatch}</a>
          )}
          {failed.length > 1 && <small> and {failed.length - 1} more</small>}
        </>
      ),
    },
    { title: 'Clauses reported', number: true, render: ({ violated }) => violated.length },
  ];
  const passed: readonly Column<Fault>[] = [
    { title: 'Passed', number: true, render: (fault) => fault.passed },
    { title: 'Skipped', number: true, render: ({ skipped }) => skipped },
  ];
  return (
    <>
      <Table
        label={label}
        rows={rows}
        keyOf={({ name }) => name}
        columns={[
          {
            title: 'Result',
            render: ({ result }) => <OutcomeBadge tone={resultTone(result)} label={result} />,
          },
          {
            title: expects === 'caught' ? 'Fault' : 'Variation',
            render: ({ name, about }) => (
              <>
                <a href={toFault(name)}>{name}</a>
                <br />
                <small>{about}</small>
              </>
            ),
          },
          { title: 'Clause', render: ({ clause }) => <a href={toFaults({ clause })}>{clause}</a> },
          ...(expects === 'caught' ? caught : passed),
        ]}
      />
      <ShowAll
        shown={rows.length}
        total={faults.length}
        noun={expects === 'caught' ? 'faults' : 'variations'}
        onShow={() => setWhole(true)}
      />
    </>
  );
}
