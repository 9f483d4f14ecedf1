import { packageRoot, packageVersion } from '../../base/package.ts';
import { writeWhole } from '../../base/write-file.ts';
import { parseReports } from '../../conformance/cli/report-request.ts';
import { pageSchemaVersion } from '../../conformance/formats/html/data/index.ts';
import { renderHtmlPage } from '../../conformance/formats/html/page.ts';
import { jsonText } from '../../conformance/formats/json/run.ts';
import type { ReportRequest } from '../../conformance/formats/publish.ts';
import { loadClauses } from '../../conformance/index.ts';
import { UsageError } from '../../conformance/plan/usage-error.ts';
import { type FaultRun, faultsDocument } from './faults-document.ts';
import type { FaultReport } from './report.ts';

/** Parses the values of `--report`. @throws UsageError for another format than json and html */
export function parseFaultReports(values: readonly string[]): readonly ReportRequest[] {
  const requests = parseReports(values);
  const other = requests.find(({ format }) => format !== 'json' && format !== 'html');
  if (other === undefined) return requests;
  throw new UsageError(`--report ${other.format}=${other.path}: a report of faults is json or html`);
}

/** Writes the requested reports. @throws UnwritableFileError */
export async function writeFaultReports(
  files: readonly ReportRequest[],
  report: FaultReport,
  run: Omit<FaultRun, 'tool' | 'clauses'>,
): Promise<void> {
  if (files.length === 0) return;
  const tool = { name: 'mcp-runtime-conformance', version: packageVersion() };
  const document = faultsDocument(report, { ...run, tool, clauses: await loadClauses(packageRoot()) });
  for (const { format, path } of files) {
    const page = { kind: 'faults', schemaVersion: pageSchemaVersion, report: document } as const;
    await writeWhole(path, format === 'json' ? jsonText(document) : renderHtmlPage(page));
  }
}
