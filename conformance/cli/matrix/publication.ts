import { renderMatrixJson } from '../../matrix/json.ts';
import { renderMatrixJunit } from '../../matrix/junit.ts';
import { renderMatrixMarkdown } from '../../matrix/markdown.ts';
import type { MatrixReport } from '../../matrix/matrix.ts';
import { renderAnnotations } from '../../report/github.ts';
import type { Publication } from '../publish.ts';
import type { ReportKind } from '../report-request.ts';

const renderers: Readonly<Record<ReportKind, (matrix: MatrixReport) => string>> = {
  json: renderMatrixJson,
  junit: renderMatrixJunit,
  markdown: renderMatrixMarkdown,
};

/** The reports of a matrix; annotations are those of each implementation, under its name. */
export function publicationOfMatrix(matrix: MatrixReport): Publication {
  return {
    render: (kind) => renderers[kind](matrix),
    annotations: () =>
      matrix.implementations.map(({ name, report }) => renderAnnotations(report, name)).join(''),
  };
}
