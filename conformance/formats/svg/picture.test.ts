import { describe, expect, test } from 'vitest';
import { greenMatrix, sampleMatrix } from '../../matrix/testing/sample-matrix.ts';
import { noTargetReport, sampleReport } from '../../report/testing/sample-report.ts';
import { svg } from './index.ts';

/** Returns the texts of an element in a file. */
function textsOf(file: string, element: string): readonly string[] {
  return [...file.matchAll(new RegExp(`<${element}[^>]*>([^<]*)</${element}>`, 'g'))].map(
    ([, text = '']) => text,
  );
}

describe('the picture', () => {
  test('has a cell for each case of each implementation, and a legend', () => {
    const matrix = sampleMatrix();
    const file = svg.matrix(matrix);
    expect(file.match(/<rect [^>]*><title>/g)).toHaveLength(
      matrix.cases.length * matrix.implementations.length,
    );
    expect(textsOf(file, 'text')).toEqual(
      expect.arrayContaining([
        'ts',
        'go',
        'rust',
        'health',
        'sessions',
        'passed',
        'failed, blocked or not run',
      ]),
    );
    expect(textsOf(file, 'title')).toEqual(
      expect.arrayContaining([
        matrix.verdict.sentence,
        'sessions/unknown-session: passed',
        'sessions/unknown-session: failed',
        'sessions/unknown-session: not tested',
      ]),
    );
  });

  test('shows cases that prevent a green run taller', () => {
    const heights = (file: string) =>
      new Set([...file.matchAll(/height="(\d+)" fill="[^"]*"><title>/g)].map(([, height]) => height));
    expect(heights(svg.matrix(greenMatrix()))).toEqual(new Set(['6']));
    expect(heights(svg.run(sampleReport()))).toEqual(new Set(['6', '12']));
  });

  test('gives the reason that a target could not be tested', () => {
    expect(textsOf(svg.run(noTargetReport()), 'title')).toEqual([
      'could not be tested: The container runs, but nothing listened on its socket within 30 s.',
    ]);
  });
});
