import { OutcomeBadge } from '../../components/badge.tsx';
import { Command } from '../../components/code.tsx';
import { SequenceDiagram } from '../../components/sequence/sequence-diagram.tsx';
import type { Case, RunModel } from '../../model/run-model.ts';
import { meaningOf, toneOf } from '../../model/standing.ts';
import { duration } from '../../model/words.ts';
import { Differences } from './differences.tsx';
import { Log } from './log.tsx';
import { Neighbours } from './neighbours.tsx';
import { toCase, toFinding, toSuite } from './places.ts';
import { Rule } from './rule.tsx';
import { Steps } from './steps.tsx';

/** A case with all its evidence. */
export function CasePage({ model, subject }: { readonly model: RunModel; readonly subject: Case }) {
  const { outcome, evidence, clauses } = subject;
  const failure = outcome.kind === 'failed' || outcome.kind === 'blocked' ? outcome.failure : undefined;
  const violated = outcome.kind === 'failed' ? (outcome.failure.clauses ?? []) : [];
  const wire = evidence?.wire ?? subject.wire;
  const logs = evidence?.logs ?? subject.logs;
  const rerun = subject.rerun ?? model.provenance?.rerun.replace('SUITE/CASE', subject.id);
  const rules = [...new Set([...violated, ...clauses])];
  return (
    <>
      <Heading model={model} subject={subject} />
      <section class="panel">
        <h2>{rules.length === 1 ? 'Clause' : 'Clauses'}</h2>
        {rules.map((id) => (
          <Rule key={id} model={model} id={id} tone={violated.includes(id) ? 'failed' : undefined} />
        ))}
      </section>
      {failure && failure.differences.length > 0 && (
        <section class="panel">
          <h2>Difference</h2>
          <Differences failure={failure} />
        </section>
      )}
      {(evidence !== undefined || failure !== undefined) && <Steps subject={subject} />}
      {wire.length > 0 && (
        <section class="panel">
          <h2>On the wire</h2>
          <SequenceDiagram events={wire} isGateway={model.report.target.kind === 'gateway'} />
          {evidence?.cuts?.map((cut) => (
            <p key={cut}>
              <small>{cut}</small>
            </p>
          ))}
        </section>
      )}
      {logs.length > 0 && (
        <section class="panel">
          <h2>Log of the target</h2>
          <Log lines={logs} />
        </section>
      )}
      {rerun !== undefined && (
        <section class="panel">
          <h2>Run this case again</h2>
          <Command text={rerun} label="Command that runs this case again" />
        </section>
      )}
    </>
  );
}

function Heading({ model, subject }: { readonly model: RunModel; readonly subject: Case }) {
  const { id, suite, title, standing, reason, outcome, attempts, source, finding } = subject;
  const tone = toneOf(standing);
  return (
    <section class="panel verdict" data-tone={tone}>
      <p class="trail">
        <a href="#/">Overview</a> / <a href={toSuite(suite)}>{suite}</a> / {id.slice(suite.length + 1)}
      </p>
      <h1 tabIndex={-1}>{title}</h1>
      {reason !== '' && <p class="reason">{reason}</p>}
      <p class="meta">
        <OutcomeBadge tone={tone} label={standing} />
        <span>{meaningOf(standing)}</span>
        {finding !== undefined && <a href={toFinding(finding)}>Finding {finding}</a>}
        {outcome.kind === 'blocked' && (
          <span>
            checked by <a href={toCase(outcome.by.case)}>{outcome.by.case}</a>
          </span>
        )}
        {attempts && (
          <span>
            {attempts.failed} of {attempts.passed + attempts.failed} attempts failed
          </span>
        )}
      </p>
      <p class="meta">
        <span>{subject.level}</span>
        <span>{subject.eras.join(' and ')}</span>
        <span>{duration(subject.durationMs)}</span>
        <code>
          {source.file}:{source.line}
        </code>
        <Neighbours model={model} subject={subject} />
      </p>
    </section>
  );
}
