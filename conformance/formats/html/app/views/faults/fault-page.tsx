import { OutcomeBadge } from '../../components/badge.tsx';
import { Command } from '../../components/code.tsx';
import { Table } from '../../components/table.tsx';
import { count, duration } from '../../model/words.ts';
import { ContractText } from '../run/contract-text.tsx';
import { type Fault, type FaultsModel, resultMeaning, resultTone } from './faults-model.ts';
import { toFaults } from './places.ts';

/** A fault with the cases that failed, and the clause that it breaks. */
export function FaultPage({ model, fault }: { readonly model: FaultsModel; readonly fault: Fault }) {
  const { name, clause, about, result, failed, neverReady, violated, family } = fault;
  const rule = model.clauseById.get(clause);
  const tone = resultTone(result);
  return (
    <>
      <section class="panel verdict" data-tone={tone}>
        <p class="trail">
          <span>
            <a href={toFaults()}>Overview</a> / <a href={toFaults({ family })}>{family}</a> / {name}
          </span>
        </p>
        <h1 tabIndex={-1}>{about}</h1>
        <p class="meta">
          <OutcomeBadge tone={tone} label={result} />
          <span>{resultMeaning(result)}</span>
          <span>{duration(fault.durationMs)}</span>
          <span>
            {fault.passed} passed, {fault.skipped} skipped
          </span>
        </p>
      </section>
      <section class="panel">
        <h2>
          {model.report.expects === 'caught' ? 'The clause that it breaks' : 'The clause that permits it'}
        </h2>
        <div class="rule" data-tone={tone === 'passed' ? undefined : 'failed'}>
          <p class="rule-head">
            <a href={toFaults({ clause })}>{clause}</a>
            {rule && (
              <span>
                {rule.level}, {rule.weight}
              </span>
            )}
          </p>
          {rule && (
            <p>
              <ContractText text={rule.text} />
            </p>
          )}
        </div>
      </section>
      {neverReady !== undefined && (
        <section class="panel">
          <h2>The target never became ready</h2>
          <p class="reason" data-tone="passed">
            {neverReady}
          </p>
        </section>
      )}
      {failed.length > 0 && (
        <section class="panel">
          <div class="panel-head">
            <h2>Failed cases</h2>
            <small>
              {count(failed.length, 'case')}, {count(violated.length, 'clause')} reported:{' '}
              {violated.join(', ')}
            </small>
          </div>
          <Table
            label="Failed cases"
            rows={failed}
            keyOf={({ id }) => id}
            columns={[
              { title: 'Case', render: ({ id }) => <a href={toFaults({ case: id })}>{id}</a> },
              { title: 'Difference', render: ({ summary }) => <code>{summary}</code> },
              { title: 'Clauses of the step', render: ({ clauses }) => clauses.join(', ') },
            ]}
          />
        </section>
      )}
      <section class="panel">
        <h2>Try it</h2>
        <Command
          text={`npm run prove -- ${model.report.subject} ${name}${model.report.wholeSuite ? ' --whole-suite' : ''}`}
          label="Command that tries this fault"
        />
      </section>
    </>
  );
}
