import type { CaseEvidence } from '../../../data/run.ts';
import { OutcomeBadge } from '../../components/badge.tsx';
import { Command } from '../../components/code.tsx';
import { SequenceDiagram } from '../../components/sequence/sequence-diagram.tsx';
import type { Case } from '../../model/run-model.ts';
import { toneOf } from '../../model/standing.ts';
import { useEvidence } from '../../model/use-evidence.ts';
import { duration } from '../../model/words.ts';
import { ContractText } from '../run/contract-text.tsx';
import { Differences } from '../run/differences.tsx';
import { Log } from '../run/log.tsx';
import { Steps } from '../run/steps.tsx';
import { Side } from './change-table.tsx';
import type { Change, CompareModel } from './compare-model.ts';
import { toChanges } from './places.ts';

/** A changed case in the old report and in the new one. */
export function SidesPage({ model, change }: { readonly model: CompareModel; readonly change: Change }) {
  const { subject, implementation, title, clauses, before, after, kind, isWorse, cases } = change;
  const keyOf = (side: string): string => `${implementation ?? ''}/${side}/${subject}`;
  const tone = isWorse ? 'failed' : kind === 'newly passing' ? 'passed' : 'known';
  return (
    <>
      <section class="panel verdict" data-tone={tone}>
        <p class="trail">
          <span>
            <a href={toChanges()}>Changes</a> / <a href={toChanges({ change: kind })}>{kind}</a>
            {implementation !== undefined && (
              <>
                {' / '}
                <a href={toChanges({ in: implementation })}>{implementation}</a>
              </>
            )}
          </span>
        </p>
        <h1 tabIndex={-1}>{subject}</h1>
        <p>{title}</p>
        <p class="meta">
          <span class="turn">
            <Side standing={before} />
            <span aria-hidden="true">→</span>
            <span class="visually-hidden">to</span>
            <Side standing={after} />
          </span>
        </p>
      </section>
      <div class="columns">
        <CaseSide
          title="Before"
          file={model.report.old.file}
          of={cases.before}
          evidenceKey={keyOf('before')}
        />
        <CaseSide title="After" file={model.report.new.file} of={cases.after} evidenceKey={keyOf('after')} />
      </div>
      <section class="panel">
        <h2>{clauses.length === 1 ? 'Clause' : 'Clauses'}</h2>
        {clauses.map((id) => {
          const text = model.contract.get(id)?.text;
          return (
            <div key={id} class="rule">
              <p class="rule-head">
                <a href={toChanges({ clause: id })}>{id}</a>
              </p>
              {text !== undefined && (
                <p>
                  <ContractText text={text} />
                </p>
              )}
            </div>
          );
        })}
      </section>
    </>
  );
}

interface CaseSideProps {
  readonly title: string;
  readonly file: string;
  readonly of: Case | undefined;
  /** The key of its wire events and log in the evidence of the page. */
  readonly evidenceKey: string;
}

function CaseSide({ title, file, of, evidenceKey }: CaseSideProps) {
  const evidence = useEvidence<CaseEvidence>(evidenceKey);
  if (of === undefined) {
    return (
      <section class="panel">
        <h2>
          {title} <small>{file}</small>
        </h2>
        <p class="soft">This report does not have the case.</p>
      </section>
    );
  }
  const { standing, reason, outcome, rerun, durationMs } = of;
  const { wire = [], logs = [] } = evidence === 'loading' ? {} : (evidence ?? {});
  const failure = outcome.kind === 'failed' || outcome.kind === 'blocked' ? outcome.failure : undefined;
  return (
    <section class="panel side-by-side">
      <h2>
        {title} <small>{file}</small>
      </h2>
      <p class="meta">
        <OutcomeBadge tone={toneOf(standing)} label={standing} />
        <span>{duration(durationMs)}</span>
      </p>
      {reason !== '' && (
        <p class="reason" data-tone={toneOf(standing)}>
          {reason}
        </p>
      )}
      {failure !== undefined && failure.differences.length > 0 && <Differences failure={failure} />}
      {failure !== undefined && <Steps steps={undefined} failure={failure} />}
      {wire.length > 0 && (
        <>
          <h3>On the wire</h3>
          <SequenceDiagram events={wire} isGateway={false} label={`Sequence diagram, ${title}`} />
        </>
      )}
      {logs.length > 0 && (
        <>
          <h3>Log of the target</h3>
          <Log lines={logs} />
        </>
      )}
      {rerun !== undefined && <Command text={rerun} label={`Command that runs this case again, ${title}`} />}
    </section>
  );
}
