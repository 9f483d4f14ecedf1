import type { Palette } from '../report/palette.ts';
import { cut, duration, oneLine } from '../text/text.ts';
import type { Exploration } from './explore.ts';

interface ExplorationStyle {
  readonly palette: Palette;
  /** The command that repeats the exploration. */
  readonly again: string;
}

/** The longest difference to print, in characters. */
const maxSummary = 600;

/** Describes the result of an exploration, the verdict last. */
export function explorationLines(
  { operations, sequences, durationMs, counterexample }: Exploration,
  { palette, again }: ExplorationStyle,
): readonly string[] {
  const extent = `${operations} operations in ${sequences} sequences, ${duration(durationMs)}`;
  if (counterexample === undefined) {
    return [palette.good('the target behaves like the model'), extent];
  }
  const { operations: sentences, clause, failure } = counterexample;
  const width = `${sentences.length}`.length;
  return [
    'The shortest sequence that shows the difference:',
    '',
    ...sentences.map((sentence, index) => `  ${`${index + 1}`.padStart(width)}  ${sentence}`),
    ...(sentences.length === 0 ? ['  none: it shows when the sessions are opened'] : []),
    '',
    `  ${cut(oneLine(failure.summary), maxSummary)}`,
    '',
    `  again: ${again}`,
    '',
    palette.bad(`${clause}: the target differs from the model`),
    extent,
  ];
}
