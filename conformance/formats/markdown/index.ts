import type { ReportFormat } from '../format.ts';
import { renderCompareMarkdown } from './compare.ts';
import { renderMatrixMarkdown } from './matrix.ts';
import { renderProtoMarkdown } from './proto.ts';
import { renderMarkdown } from './run.ts';

/** Markdown of bounded size, for people and for GitHub step summaries. */
export const markdown: ReportFormat = {
  run: renderMarkdown,
  matrix: renderMatrixMarkdown,
  compare: renderCompareMarkdown,
  proto: renderProtoMarkdown,
};
