import { compareRuns } from '../../bench/compare/between-runs.ts';
import { comparisonText } from '../../bench/compare/comparison-text.ts';
import { readBench } from '../../bench/compare/read-report.ts';
import type { Comparison } from '../../bench/report.ts';
import type { Output } from '../../report/live-line.ts';
import type { Palette } from '../../report/palette.ts';
import { wrap } from '../../text/text.ts';
import type { BenchCompareRequest } from './compare-options.ts';

/** How to print the comparison. */
interface Printing {
  readonly output: Pick<Output, 'write'>;
  readonly palette: Palette;
}

/**
 * Prints the differences between two benchmarks.
 * @returns 1 if there is a regression, otherwise 0
 * @throws BenchFileError
 */
export async function compareFiles(
  { oldFile, newFile, maxRegression }: BenchCompareRequest,
  { output, palette }: Printing,
): Promise<number> {
  const before = await readBench(oldFile);
  const { comparisons, warnings } = compareRuns(before, await readBench(newFile), maxRegression);
  const colourOf: Readonly<Record<Comparison['outcome'], (text: string) => string>> = {
    regression: palette.bad,
    slower: palette.caution,
    faster: palette.good,
    'no-difference': palette.faint,
  };
  const count = (outcome: Comparison['outcome']) =>
    comparisons.filter((comparison) => comparison.outcome === outcome).length;
  const regressions = count('regression');
  const colour = regressions > 0 ? palette.bad : palette.good;
  const summary =
    comparisons.length === 0
      ? 'nothing to compare: the runs share no workload with enough rounds'
      : `${regressions} regressions, ${count('slower')} slower, ${count('faster')} faster, ${count('no-difference')} inconclusive`;
  const lines = [
    ...warnings.flatMap((warning) => wrap(`warning: ${warning}`, 80).map(palette.caution)),
    ...(warnings.length > 0 ? [''] : []),
    ...comparisons.map((comparison) => colourOf[comparison.outcome](comparisonText(comparison))),
    ...(comparisons.length > 0 ? [''] : []),
    palette.strong(colour(summary)),
  ];
  output.write(`${lines.join('\n')}\n`);
  return regressions > 0 ? 1 : 0;
}
