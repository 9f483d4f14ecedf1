import type { ReportFormat } from '../format.ts';
import { pictureOf } from '../picture.ts';
import { renderPicture } from './picture.ts';

/** A picture of all cases by suite and implementation, as SVG. */
export const svg: ReportFormat = {
  run: (report) => {
    const sentence =
      report.kind === 'run' ? report.verdict.sentence : `could not be tested: ${report.error.message}`;
    return renderPicture(pictureOf(report), sentence);
  },
  matrix: (matrix) => renderPicture(pictureOf(matrix), matrix.verdict.sentence),
  compare: ({ verdict }) => renderPicture({ columns: [], rows: [] }, verdict.sentence),
  proto: ({ matrix, verdict }) =>
    renderPicture(matrix === undefined ? { columns: [], rows: [] } : pictureOf(matrix), verdict.sentence),
};
