import type { ReportFormat } from '../format.ts';
import { renderCompareJunit } from './compare.ts';
import { renderProtoJunit } from './proto.ts';
import { renderJunit, renderMatrixJunit } from './run.ts';

/** JUnit XML, for CI systems. */
export const junit: ReportFormat = {
  run: renderJunit,
  matrix: renderMatrixJunit,
  compare: renderCompareJunit,
  proto: renderProtoJunit,
};
