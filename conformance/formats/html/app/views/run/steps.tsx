import type { FailureJson } from '../../../data/report.ts';
import type { StepEvidence } from '../../../data/run.ts';
import { Sign } from '../../components/badge.tsx';
import { Code } from '../../components/code.tsx';
import type { Tone } from '../../model/standing.ts';
import { count } from '../../model/words.ts';
import { Exchanges, FailedExchange, FailedExchanges } from './exchanges.tsx';
import { toCase, toClause } from './places.ts';

/** The steps of a case, if the page has them, and its failure. */
interface StepsOptions {
  readonly steps: readonly StepEvidence[] | undefined;
  readonly failure: FailureJson | undefined;
}

/** The steps of a case, each with its requests, expectations and responses. The failed step is open. */
export function Steps({ steps, failure }: StepsOptions) {
  const failed = failure?.step;
  if (steps === undefined) {
    return (
      <section class="panel">
        <h2>{failed === undefined ? 'Evidence' : `Step ${failed.number}, ${failed.verb}`}</h2>
        {failure && <FailedExchange failure={failure} />}
      </section>
    );
  }
  return (
    <section class="panel">
      <h2>Steps</h2>
      <ol class="steps">
        {steps.map((step, index) => {
          const isFailed = failed?.number === index + 1;
          const tone: Tone = isFailed ? 'failed' : step.idle ? 'skipped' : 'passed';
          return (
            <li key={`${index} ${step.verb}`}>
              <Step step={step} number={index + 1} tone={tone} failure={isFailed ? failure : undefined} />
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** A step and its place in the case. */
interface StepOptions {
  readonly step: StepEvidence;
  readonly number: number;
  readonly tone: Tone;
  /** Set if this step failed. */
  readonly failure?: FailureJson;
}

function Step({ step, number, tone, failure }: StepOptions) {
  const { verb, item, clauses = [], setup, argument, exchanges = [], exchangesLeftOut = 0 } = step;
  const violated = failure?.clauses ?? [];
  // The violated clauses are in the summary as text, because a summary must not contain links.
  const linked = [...new Set([...violated, ...clauses])];
  return (
    <details open={tone === 'failed'}>
      <summary>
        <span class="step-number">{number}</span>
        <span class="step-sign" data-tone={tone}>
          <Sign tone={tone} />
        </span>
        <span>
          {violated.length > 0 && (
            <b class="violated" data-tone="failed">
              {violated.map((id) => (
                <span key={id} class="id">
                  {id}{' '}
                </span>
              ))}
              violated{' '}
            </b>
          )}
          <b>{verb}</b> <small>{item ?? outlineOf(step)}</small>
          {tone === 'skipped' && <small>, did not run</small>}
        </span>
        <small>{setup === undefined ? '' : 'setup'}</small>
      </summary>
      <div class="step-body">
        {(linked.length > 0 || setup !== undefined) && (
          <small>
            {setup !== undefined && (
              <>
                Prepares the case. <a href={toCase(setup)}>{setup}</a> checks it.{' '}
              </>
            )}
            {linked.length > 0 && 'Checks '}
            {linked.map((id) => (
              <ClauseLink key={id} id={id} />
            ))}
          </small>
        )}
        {failure === undefined ? (
          <Exchanges exchanges={exchanges} />
        ) : (
          <FailedExchanges exchanges={exchanges} failure={failure} />
        )}
        {argument !== undefined && exchanges.length === 0 && (
          <Code value={argument} label={`Step ${number} as written`} />
        )}
        {exchangesLeftOut > 0 && <small>{count(exchangesLeftOut, 'more comparison')} left out</small>}
      </div>
    </details>
  );
}

function ClauseLink({ id }: { readonly id: string }) {
  return (
    <>
      <a href={toClause(id)}>{id}</a>{' '}
    </>
  );
}

/** Summarizes a step in a few words: the method of its message, or the names of its members. */
function outlineOf({ exchanges = [], argument }: StepEvidence): string {
  const request = exchanges[0]?.request ?? (isRecord(argument) ? argument['request'] : undefined);
  const message = isRecord(request) ? request['message'] : undefined;
  if (isRecord(message) && typeof message['method'] === 'string') return message['method'];
  if (isRecord(request) && typeof request['path'] === 'string')
    return `${String(request['method'] ?? '')} ${request['path']}`;
  return isRecord(argument) ? Object.keys(argument).slice(0, 4).join(', ') : '';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
