import type { DifferenceJson, FailureJson } from '../../../data/report.ts';
import type { ExchangeEvidence } from '../../../data/run.ts';
import { Code } from '../../components/code.tsx';
import { readingOrder } from '../../model/reading-order.ts';
import { count } from '../../model/words.ts';
import { DifferenceList, Differences } from './differences.tsx';

/** The comparisons of a failed step: the one that failed is open, the others are folded. */
export function FailedExchanges({
  exchanges,
  failure,
}: {
  readonly exchanges: readonly ExchangeEvidence[];
  readonly failure: FailureJson;
}) {
  const differing = exchanges.filter(({ differences = [] }) => differences.length > 0);
  const isFailing = ({ expected, actual }: ExchangeEvidence): boolean =>
    isSame(expected, failure.expected) && isSame(actual, failure.actual);
  // Values that were cut to fit the page can differ from those of the failure.
  const failing = differing.find(isFailing) ?? differing.at(-1) ?? exchanges.findLast(isFailing);
  const others = exchanges.filter((each) => each !== failing);
  const held = others.filter((each) => !differing.includes(each));
  const failed = others.filter((each) => differing.includes(each));
  return (
    <>
      <div class="failing" data-tone="failed">
        <h3>The check that failed</h3>
        <FailedExchange failure={failure} exchange={failing ?? failure} />
      </div>
      <Folded exchanges={failed} like={failing} label={`${count(failed.length, 'other check')} failed`} />
      <Folded exchanges={held} like={failing} label={`${count(held.length, 'other check')} held`} />
    </>
  );
}

/** The comparison that failed, or else the reason of the failure. */
export function FailedExchange({
  failure,
  exchange = failure,
}: {
  readonly failure: FailureJson;
  readonly exchange?: ExchangeEvidence;
}) {
  const { request, expected, actual } = exchange;
  if (request === undefined && expected === undefined && actual === undefined)
    return (
      <>
        <p class="reason" data-tone="failed">
          {failure.summary}
        </p>
        <Differences failure={failure} />
      </>
    );
  return <Values exchange={exchange} differences={failure.differences} />;
}

/** The comparisons of a step that did not fail. */
export function Exchanges({ exchanges }: { readonly exchanges: readonly ExchangeEvidence[] }) {
  return <List exchanges={exchanges} like={undefined} />;
}

function Folded({
  exchanges,
  like,
  label,
}: {
  readonly exchanges: readonly ExchangeEvidence[];
  readonly like: ExchangeEvidence | undefined;
  readonly label: string;
}) {
  if (exchanges.length === 0) return null;
  return (
    <details class="fold">
      <summary>{label}</summary>
      <div class="fold-body">
        <List exchanges={exchanges} like={like} />
      </div>
    </details>
  );
}

/** Comparisons. A value that is the same as in the one before is not repeated. */
function List({
  exchanges,
  like,
}: {
  readonly exchanges: readonly ExchangeEvidence[];
  /** The comparison before the first one. */
  readonly like: ExchangeEvidence | undefined;
}) {
  return (
    <>
      {exchanges.map((exchange, index) => {
        const { differences = [] } = exchange;
        return (
          <div key={index} class="exchange-group">
            {differences.length > 0 && <DifferenceList differences={differences} />}
            <Values exchange={exchange} differences={differences} before={exchanges[index - 1] ?? like} />
          </div>
        );
      })}
    </>
  );
}

function Values({
  exchange,
  differences,
  before,
}: {
  readonly exchange: ExchangeEvidence;
  readonly differences: readonly DifferenceJson[];
  readonly before?: ExchangeEvidence;
}) {
  const differing = new Set(differences.map(({ path }) => path.split('/')[1] ?? ''));
  const parts = [
    ['Sent', exchange.request, before?.request],
    ['Expected', exchange.expected, undefined],
    ['Received', exchange.actual, before?.actual],
  ] as const;
  return (
    <div class="exchange">
      {parts.map(
        ([title, value, earlier]) =>
          value !== undefined && (
            <div key={title}>
              <h3>{title}</h3>
              {earlier !== undefined && isSame(value, earlier) ? (
                <small>the same as in the check above</small>
              ) : title === 'Received' ? (
                <Received value={value} differing={differing} />
              ) : (
                <Code value={value} label={title} />
              )}
            </div>
          ),
      )}
    </div>
  );
}

function Received({
  value,
  differing,
}: {
  readonly value: unknown;
  readonly differing: ReadonlySet<string>;
}) {
  const { first, folded } = readingOrder(value, differing);
  return (
    <>
      <Code value={first} label="Received" />
      {folded !== undefined && (
        <details class="fold">
          <summary>Also received: {Object.keys(folded).join(', ')}</summary>
          <Code value={folded} label="Also received" />
        </details>
      )}
    </>
  );
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
