import type { DifferenceJson, FailureJson } from '../../../data/report.ts';
import { count } from '../../model/words.ts';

/** The differences of a failure, each with its place in the response. */
export function Differences({ failure }: { readonly failure: FailureJson }) {
  const { differences, differencesLeftOut = 0 } = failure;
  return (
    <>
      <DifferenceList differences={differences} />
      {differencesLeftOut > 0 && <small>{count(differencesLeftOut, 'more difference')} left out</small>}
    </>
  );
}

/** Differences, expected above actual. */
export function DifferenceList({ differences }: { readonly differences: readonly DifferenceJson[] }) {
  return (
    <ul class="difference">
      {differences.map(({ path, expected, actual }, index) => (
        <li key={`${index} ${path}`}>
          <p class="path">{path === '' ? 'the response' : path}</p>
          <p class="side">
            <span>expected</span>
            <span>{expected}</span>
          </p>
          <p class="side">
            <span>actual</span>
            <span>{actual}</span>
          </p>
        </li>
      ))}
    </ul>
  );
}
