import type { MatrixReport } from '../../matrix/matrix.ts';
import { matrixDocument } from '../json/matrix.ts';
import { pageSchemaVersion } from './data/index.ts';
import type { MatrixPage, MatrixReportJson } from './data/matrix.ts';
import type { RunPage } from './data/run.ts';
import { pageOfJson, runPage } from './run-page.ts';

/** Maximum size of the data of all runs together, in bytes. Keeps a page of three runs below 5 MB. */
const room = 4_300_000;

/** Makes the page of a matrix, with the evidence that its runs gathered. */
export function matrixPage(matrix: MatrixReport): MatrixPage {
  const share = room / matrix.implementations.length;
  const pages = matrix.implementations.map(({ name, report }) => ({ name, page: runPage(report, share) }));
  const contract = [...matrix.clauses.values()].map(({ id, section, text }) => ({ id, section, text }));
  const provenance = pages.flatMap(({ name, page }) => (page.provenance ? [[name, page.provenance]] : []));
  return {
    ...joined(matrixDocument(matrix) as MatrixReportJson, pages),
    contract,
    provenance: Object.fromEntries(provenance),
  };
}

/** Makes the page of a matrix from its JSON report alone. */
export function matrixPageOfJson(report: MatrixReportJson): MatrixPage {
  const share = room / report.implementations.length;
  const pages = report.implementations.map(({ name, report: run }) => ({
    name,
    page: pageOfJson(run, share),
  }));
  return joined(report, pages);
}

function joined(
  report: MatrixReportJson,
  pages: readonly { readonly name: string; readonly page: RunPage }[],
): MatrixPage {
  const evidence = pages.flatMap(({ name, page }) =>
    Object.entries(page.evidence).map(([id, each]) => [`${name}/${id}`, each] as const),
  );
  return {
    kind: 'matrix',
    schemaVersion: pageSchemaVersion,
    report: { ...report, implementations: pages.map(({ name, page }) => ({ name, report: page.report })) },
    evidence: Object.fromEntries(evidence),
  };
}
