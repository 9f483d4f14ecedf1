import type { LogLineJson } from '../../../data/report.ts';
import { timeOfDay } from '../../model/words.ts';

/** Lines of output of a target, each with its time. */
export function Log({ lines }: { readonly lines: readonly LogLineJson[] }) {
  return (
    <ol class="log">
      {lines.map((line, index) => (
        <li key={`${index} ${line.at}`}>
          <time class="at" dateTime={line.at}>
            {timeOfDay(line.at)}
          </time>
          <span>{line.text}</span>
        </li>
      ))}
    </ol>
  );
}
