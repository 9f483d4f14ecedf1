import type { ReportFormat } from '../format.ts';
import { renderCompareJson } from './compare.ts';
import { renderMatrixJson } from './matrix.ts';
import { renderProtoJson } from './proto.ts';
import { renderJson } from './run.ts';

/** JSON. Each kind of report has a published schema in `conformance/schemas/`. */
export const json: ReportFormat = {
  run: renderJson,
  matrix: renderMatrixJson,
  compare: renderCompareJson,
  proto: renderProtoJson,
};
