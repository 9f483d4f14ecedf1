import type { ComponentChildren } from 'preact';
import { OutcomeBadge } from '../../components/badge.tsx';
import { Grid, type GridRow } from '../../components/grid.tsx';
import { duration } from '../../model/words.ts';
import { ContractText } from '../run/contract-text.tsx';
import { Outcome } from './case-grid.tsx';
import type { MatrixCase, MatrixModel } from './matrix-model.ts';
import { agreements } from './overview.tsx';
import { toCases, toClause, toEvidence } from './places.ts';

/** One case with the answers of all implementations side by side. */
export function AnswersPage({
  model,
  subject,
}: {
  readonly model: MatrixModel;
  readonly subject: MatrixCase;
}) {
  const { id, title, clauses, agreement, suite, eras, level } = subject;
  const relation = agreements.find((each) => each.agreement === agreement);
  return (
    <>
      <section class="panel">
        <p class="trail">
          <span>
            <a href={toCases()}>Cases</a> / <a href={toCases({ suite })}>{suite}</a>
          </span>
        </p>
        <h1 tabIndex={-1}>{id}</h1>
        <p>{title}</p>
        <p class="meta">
          <OutcomeBadge tone={relation?.tone ?? 'skipped'} label={agreement} />
          <span>{relation?.meaning}</span>
          <span>
            {level}, {eras.join(' and ')}
          </span>
        </p>
      </section>
      <section class="panel">
        <h2>Answers side by side</h2>
        <Answers model={model} subject={subject} />
      </section>
      <section class="panel">
        <h2>Clauses of this case</h2>
        {clauses.map((clause) => (
          <MatrixRule key={clause} model={model} id={clause} />
        ))}
      </section>
    </>
  );
}

/** A clause in the words of the contract. */
function MatrixRule({ model, id }: { readonly model: MatrixModel; readonly id: string }) {
  const clause = model.clauseById.get(id);
  return (
    <div class="rule" data-tone={clause?.standings.includes('violated') ? 'failed' : undefined}>
      <p class="rule-head">
        <a href={toClause(id)}>{id}</a>
        {clause && (
          <span>
            {clause.level}, {clause.weight}, {clause.section}
          </span>
        )}
      </p>
      {clause?.text !== undefined && (
        <p>
          <ContractText text={clause.text} />
        </p>
      )}
    </div>
  );
}

function Answers({ model, subject }: { readonly model: MatrixModel; readonly subject: MatrixCase }) {
  const { id, answers, results } = subject;
  const { implementations } = model;
  const row = (title: string, cells: readonly ComponentChildren[]): readonly GridRow[] =>
    cells.every((cell) => cell === undefined || cell === '') ? [] : [{ key: title, header: title, cells }];
  const answerOf = (name: string) => answers?.answers.find(({ implementation }) => implementation === name);
  const failures = results.map((result) => {
    const outcome = result?.outcome;
    return outcome?.kind === 'failed' || outcome?.kind === 'blocked' ? outcome.failure : undefined;
  });
  const differences =
    answers?.differences ??
    differencesOf(
      failures.map((each) => each?.differences ?? []),
      implementations.map(({ name }) => name),
    );
  const rows = [
    ...row(
      'Outcome',
      implementations.map((_, index) => <Outcome key={index} model={model} of={subject} index={index} />),
    ),
    ...row(
      'Why',
      implementations.map(({ run }, index) => results[index]?.reason ?? run.report.error?.message),
    ),
    ...row(
      'Failed step',
      failures.map((each) => each?.step && `${each.step.number}, ${each.step.verb}, line ${each.step.line}`),
    ),
    ...differences.map(({ path, expected, actual }) => ({
      key: `difference ${path} ${expected}`,
      header: (
        <>
          <code>{path || '(entire value)'}</code>
          <small class="grid-note">expected {expected}</small>
        </>
      ),
      cells: implementations.map(({ name }, index) => {
        const text = actual[name];
        if (text === undefined)
          return <small>{results[index]?.standing === 'passed' ? 'as expected' : ''}</small>;
        return (
          <code key={name} class="actual" data-tone="failed">
            {text}
          </code>
        );
      }),
    })),
    ...row(
      'Received',
      implementations.map(({ name }) => {
        const received = answerOf(name)?.received ?? [];
        return received.length === 0 ? undefined : (
          <ul class="received">
            {received.map((line, index) => (
              <li key={`${index} ${line}`}>
                <code>{line}</code>
              </li>
            ))}
          </ul>
        );
      }),
    ),
    ...row(
      'Time',
      results.map((result) => result && duration(result.durationMs)),
    ),
    ...row(
      'Evidence',
      implementations.map(({ name }, index) =>
        results[index] === undefined ? undefined : (
          <a key={name} href={toEvidence(name, id)}>
            steps, wire and log of {name}
          </a>
        ),
      ),
    ),
  ];
  return (
    <Grid
      even
      label={`Answers to ${id}`}
      columns={[
        { key: ' ', title: <span class="visually-hidden">Property</span> },
        ...implementations.map(({ name }) => ({ key: name, title: name })),
      ]}
      rows={rows}
    />
  );
}

/** Joins the differences of several implementations. The report has them only for disagreements. */
function differencesOf(
  all: readonly (readonly { readonly path: string; readonly expected: string; readonly actual: string }[])[],
  names: readonly string[],
) {
  const rows = new Map<string, { path: string; expected: string; actual: Record<string, string> }>();
  for (const [index, differences] of all.entries()) {
    for (const { path, expected, actual } of differences) {
      const key = JSON.stringify([path, expected]);
      const row = rows.get(key) ?? { path, expected, actual: {} };
      row.actual[names[index] ?? ''] = actual;
      rows.set(key, row);
    }
  }
  return [...rows.values()];
}
