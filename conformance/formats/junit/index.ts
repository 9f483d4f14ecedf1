import type { ReportFormat } from '../format.ts';
import { renderProtoJunit } from './proto.ts';
import { renderJunit, renderMatrixJunit } from './run.ts';

/** JUnit XML, for CI systems. */
export const junit: ReportFormat = { run: renderJunit, matrix: renderMatrixJunit, proto: renderProtoJunit };
