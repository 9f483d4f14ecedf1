import type { FailureJson } from '../../../data/report.ts';
import type { ExchangeEvidence, StepEvidence } from '../../../data/run.ts';
import { Sign } from '../../components/badge.tsx';
import { Code } from '../../components/code.tsx';
import type { Tone } from '../../model/standing.ts';
import { count } from '../../model/words.ts';
import { DifferenceList } from './differences.tsx';
import { toCase, toClause } from './places.ts';

/** The steps of a case, if the page has them, and its failure. */
interface StepsOptions {
  readonly steps: readonly StepEvidence[] | undefined;
  readonly failure: FailureJson | undefined;
}

/** The steps of a case with what each sent, expected and received. The failed step is open. */
export function Steps({ steps, failure }: StepsOptions) {
  const failed = failure?.step;
  if (steps === undefined) {
    return (
      <section class="panel">
        <h2>{failed === undefined ? 'Evidence' : `Step ${failed.number}, ${failed.verb}`}</h2>
        {failure && <Exchange exchange={{ ...failure, differences: [] }} />}
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
              <Step step={step} number={index + 1} tone={tone} extra={isFailed ? failure : undefined} />
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
  /** The values of the failure, if the step failed before it compared anything. */
  readonly extra?: ExchangeEvidence;
}

function Step({ step, number, tone, extra }: StepOptions) {
  const { verb, item, clauses = [], setup, argument, exchangesLeftOut = 0 } = step;
  const { exchanges: compared = [] } = step;
  const exchanges = compared.length === 0 && extra !== undefined ? [{ ...extra, differences: [] }] : compared;
  return (
    <details open={tone === 'failed'}>
      <summary>
        <span class="step-number">{number}</span>
        <span class="step-sign" data-tone={tone}>
          <Sign tone={tone} />
        </span>
        <span>
          <b>{verb}</b> <small>{item ?? outlineOf(step)}</small>
          {tone === 'skipped' && <small>, did not run</small>}
        </span>
        <small>{setup === undefined ? '' : 'setup'}</small>
      </summary>
      <div class="step-body">
        {(clauses.length > 0 || setup !== undefined) && (
          <small>
            {setup !== undefined && (
              <>
                Prepares the case. <a href={toCase(setup)}>{setup}</a> checks it.{' '}
              </>
            )}
            {clauses.map((id) => (
              <a key={id} href={toClause(id)}>
                {id}{' '}
              </a>
            ))}
          </small>
        )}
        {argument !== undefined && exchanges.length === 0 && (
          <Code value={argument} label={`Step ${number} as written`} />
        )}
        {exchanges.map((exchange, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: exchanges have no other identity and never move
          // The differences of the failed step are above the steps.
          <Exchange key={index} exchange={tone === 'failed' ? { ...exchange, differences: [] } : exchange} />
        ))}
        {exchangesLeftOut > 0 && <small>{count(exchangesLeftOut, 'more comparison')} left out</small>}
      </div>
    </details>
  );
}

function Exchange({ exchange }: { readonly exchange: ExchangeEvidence }) {
  const { request, expected, actual, differences = [] } = exchange;
  const parts = [
    ['Sent', request],
    ['Expected', expected],
    ['Received', actual],
  ] as const;
  return (
    <>
      {differences.length > 0 && <DifferenceList differences={differences} />}
      <div class="exchange">
        {parts.map(
          ([title, value]) =>
            value !== undefined && (
              <div key={title}>
                <h3>{title}</h3>
                <Code value={value} label={title} />
              </div>
            ),
        )}
      </div>
    </>
  );
}

/** Returns what a step does in a few words: the method of its message, or the names of its members. */
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
