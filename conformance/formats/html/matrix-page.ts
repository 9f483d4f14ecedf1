import type { MatrixReport } from '../../matrix/matrix.ts';
import { matrixDocument } from '../json/matrix.ts';
import { pageSchemaVersion } from './data/index.ts';
import type { MatrixPage, MatrixReportJson } from './data/matrix.ts';
import { type PagePart, pageOfJson, runPage } from './run-page.ts';

/** Makes the page of a matrix, with the evidence that its runs gathered. */
export function matrixPage(matrix: MatrixReport): MatrixPage {
  const document = matrixDocument(matrix) as MatrixReportJson;
  const part = partOf(document);
  const pages = matrix.implementations.map(({ name, report }) => ({ name, page: runPage(report, part) }));
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
  const part = partOf(report);
  const implementations = report.implementations.map(({ name, report: run }) => {
    return { name, report: pageOfJson(run, part).report };
  });
  return { kind: 'matrix', schemaVersion: pageSchemaVersion, report: { ...report, implementations } };
}

/** Returns the part of the page for one implementation. Cases that all passed need little detail. */
function partOf({ implementations, cases }: MatrixReportJson): PagePart {
  const uneven = cases.filter(({ agreement }) => agreement !== 'passed by all');
  return { share: 1 / implementations.length, detailed: new Set(uneven.map(({ id }) => id)) };
}
