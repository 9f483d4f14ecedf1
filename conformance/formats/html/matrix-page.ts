import type { MatrixReport } from '../../matrix/matrix.ts';
import { matrixDocument } from '../json/matrix.ts';
import { pageSchemaVersion } from './data/index.ts';
import type { MatrixPage, MatrixReportJson } from './data/matrix.ts';
import { pageOfJson, runPage } from './run-page.ts';

/** Makes the page of a matrix, with the evidence that its runs gathered. */
export function matrixPage(matrix: MatrixReport): MatrixPage {
  const document = matrixDocument(matrix) as MatrixReportJson;
  const share = 1 / matrix.implementations.length;
  const pages = matrix.implementations.map(({ name, report }) => ({ name, page: runPage(report, share) }));
  return {
    kind: 'matrix',
    schemaVersion: pageSchemaVersion,
    report: { ...document, implementations: pages.map(({ name, page }) => ({ name, report: page.report })) },
    contract: [...matrix.clauses.values()].map(({ id, section, text }) => ({ id, section, text })),
    details: Object.fromEntries(
      pages.map(({ name, page: { provenance, evidence } }) => [name, { provenance, evidence }]),
    ),
  };
}

/** Makes the page of a matrix from its JSON report alone. */
export function matrixPageOfJson(report: MatrixReportJson): MatrixPage {
  const share = 1 / report.implementations.length;
  const implementations = report.implementations.map(({ name, report: run }) => {
    return { name, report: pageOfJson(run, share).report };
  });
  return { kind: 'matrix', schemaVersion: pageSchemaVersion, report: { ...report, implementations } };
}
