import { groupBy } from '../../base/group.ts';
import type { MatrixReport } from '../matrix/matrix.ts';
import type { Report } from '../report/report.ts';
import { preventsGreen, type Standing, standingOf } from '../report/summary.ts';

/** The colour of a case: `bad` prevents a green run, `known` does not, and `open` proves nothing. */
export type Tone = 'good' | 'bad' | 'known' | 'open';

/** All tones, from the one to notice first, with their meaning. */
export const tones: Readonly<Record<Tone, string>> = {
  bad: 'failed, blocked or not run',
  known: 'known failure or against advice',
  open: 'skipped or not declared',
  good: 'passed',
};

/** One case in a picture. */
export interface PictureCell {
  readonly id: string;
  readonly standing: Standing | 'not tested';
  readonly tone: Tone;
}

/** The cases of a report by suite and implementation. */
export interface Picture {
  /** The names of the implementations. The report of a run has one, which is the description of its target. */
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly suite: string;
    /** The cells of each implementation, in the order of `columns`. */
    readonly cells: readonly (readonly PictureCell[])[];
  }[];
}

/** Arranges the cases of a run or a matrix. A target that could not be tested has no rows. */
export function pictureOf(subject: Report | MatrixReport): Picture {
  if (subject.kind === 'no-target') return { columns: [subject.target.label], rows: [] };
  if (subject.kind === 'run') {
    const { target, results } = subject.run;
    const suites = groupBy(results, (result) => result.case.suite);
    const rows = [...suites].map(([suite, own]) => ({
      suite,
      cells: [own.map((result) => cellOf(result.case.id, standingOf(result)))],
    }));
    return { columns: [target.label], rows };
  }
  const { implementations, cases } = subject;
  const rows = [...groupBy(cases, (row) => row.case.suite)].map(([suite, own]) => ({
    suite,
    cells: implementations.map((_, index) =>
      own.map(({ case: { id }, results }) => {
        const result = results[index];
        return cellOf(id, result && standingOf(result));
      }),
    ),
  }));
  return { columns: implementations.map(({ name }) => name), rows };
}

function cellOf(id: string, standing: Standing | undefined): PictureCell {
  return { id, standing: standing ?? 'not tested', tone: toneOf(standing) };
}

function toneOf(standing: Standing | undefined): Tone {
  if (standing === 'passed') return 'good';
  if (preventsGreen(standing)) return 'bad';
  return standing === 'known failure' || standing === 'advice' ? 'known' : 'open';
}
