import type { ProtoReport } from '../../proto-check/report.ts';
import { protoDocument } from '../json/proto.ts';
import { pageSchemaVersion } from './data/index.ts';
import type { ProtoCheckPage, ProtoCheckReportJson } from './data/proto-check.ts';
import { matrixPage } from './matrix-page.ts';

/** Makes the page of a proto check, with the matrix of the suite that it ran. */
export function protoPage(report: ProtoReport): ProtoCheckPage {
  const document = protoDocument(report) as ProtoCheckReportJson;
  const page = { kind: 'proto-check', schemaVersion: pageSchemaVersion } as const;
  if (report.matrix === undefined) return { ...page, report: document, evidence: {} };
  const { report: matrix, contract, provenance, evidence } = matrixPage(report.matrix);
  return { ...page, report: { ...document, matrix }, contract, provenance, evidence };
}
