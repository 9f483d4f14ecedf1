import type { FailureJson } from '../../../data/report.ts';
import type { CaseEvidence } from '../../../data/run.ts';
import { OutcomeBadge } from '../../components/badge.tsx';
import { Command } from '../../components/code.tsx';
import { SequenceDiagram } from '../../components/sequence/sequence-diagram.tsx';
import type { Case, RunModel } from '../../model/run-model.ts';
import { meaningOf, toneOf, violatedBy } from '../../model/standing.ts';
import { useEvidence } from '../../model/use-evidence.ts';
import { count, duration } from '../../model/words.ts';
import { Differences } from './differences.tsx';
import { Log } from './log.tsx';
import { Neighbours } from './neighbours.tsx';
import { toCase, toCases, toFinding, toSuite } from './places.ts';
import { Rule } from './rule.tsx';
import { Steps } from './steps.tsx';

/** A case with all its evidence. */
export function CasePage({ model, subject }: { readonly model: RunModel; readonly subject: Case }) {
  const { outcome, clauses } = subject;
  const evidence = useEvidence<CaseEvidence>(`${model.evidencePrefix}${subject.id}`);
  const failure = outcome.kind === 'failed' || outcome.kind === 'blocked' ? outcome.failure : undefined;
  const violated = violatedBy(subject);
  const rerun = subject.rerun ?? model.provenance?.rerun.replace('SUITE/CASE', subject.id);
  const blockedBy = outcome.kind === 'blocked' ? [outcome.by.clause] : [];
  const reasons = violated.length > 0 ? violated : blockedBy;
  const rules = reasons.length > 0 ? reasons : clauses;
  const isViolated = (id: string): boolean =>
    violated.includes(id) || (blockedBy.includes(id) && model.clauseById.get(id)?.standing === 'violated');
  const others = clauses.filter((id) => !rules.includes(id));
  return (
    <>
      <Heading model={model} subject={subject} />
      {failure && failure.differences.length > 0 && (
        <section class="panel">
          <h2>Difference</h2>
          <Differences failure={failure} />
        </section>
      )}
      <section class="panel">
        <h2>
          {violated.length > 0
            ? 'Violated'
            : blockedBy.length > 0
              ? 'Blocked by'
              : rules.length === 1
                ? 'Clause'
                : 'Clauses'}
        </h2>
        {rules.map((id) => (
          <Rule key={id} model={model} id={id} tone={isViolated(id) ? 'failed' : undefined} />
        ))}
      </section>
      {evidence === 'loading' ? (
        <p class="soft">Reading the evidence…</p>
      ) : (
        <EvidencePanels
          evidence={evidence}
          failure={failure}
          isGateway={model.report.target.kind === 'gateway'}
        />
      )}
      {rerun !== undefined && (
        <section class="panel">
          <h2>Run this case again</h2>
          <Command text={rerun} label="Command that runs this case again" />
        </section>
      )}
      {others.length > 0 && (
        <section class="panel">
          <details class="fold">
            <summary>{count(others.length, 'other clause')} of this case</summary>
            <div class="fold-body">
              {others.map((id) => (
                <Rule key={id} model={model} id={id} />
              ))}
            </div>
          </details>
        </section>
      )}
    </>
  );
}

/** The evidence of a case, if the page has it, and its failure. */
interface EvidenceOptions {
  readonly evidence: CaseEvidence | undefined;
  readonly failure: FailureJson | undefined;
  readonly isGateway: boolean;
}

function EvidencePanels({ evidence, failure, isGateway }: EvidenceOptions) {
  const { steps, wire = [], logs = [], cuts = [] } = evidence ?? {};
  return (
    <>
      {(steps !== undefined || failure !== undefined) && <Steps steps={steps} failure={failure} />}
      {wire.length > 0 && (
        <section class="panel">
          <h2>On the wire</h2>
          <SequenceDiagram events={wire} isGateway={isGateway} />
          {cuts.map((cut) => (
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
    </>
  );
}

function Heading({ model, subject }: { readonly model: RunModel; readonly subject: Case }) {
  const { id, suite, title, standing, reason, outcome, attempts, source, finding } = subject;
  const tone = toneOf(standing);
  return (
    <section class="panel verdict" data-tone={tone}>
      <div class="trail">
        <span>
          <a href={toCases({})}>Overview</a> / <a href={toSuite(suite)}>{suite}</a> /{' '}
          {id.slice(suite.length + 1)}
        </span>
        <Neighbours model={model} subject={subject} />
      </div>
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
      </p>
    </section>
  );
}
