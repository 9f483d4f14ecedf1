import { resolve } from 'node:path';
import { formatNames } from '../formats/index.ts';
import type { ReportRequest } from '../formats/publish.ts';

export type { ReportRequest };

import { nearest } from '../load/nearest.ts';
import { UsageError } from '../plan/usage-error.ts';
import { listed } from '../text/text.ts';

/**
 * Reads the values of `--report`: `json=FILE`, or several with commas between them.
 * @throws UsageError
 */
export function parseReports(values: readonly string[]): readonly ReportRequest[] {
  const requests = values.flatMap((value) => value.split(',')).map(parseReport);
  const paths = new Set<string>();
  for (const { path } of requests) {
    const full = resolve(path);
    if (paths.has(full)) throw new UsageError(`--report: two reports would go to ${path}`);
    paths.add(full);
  }
  return requests;
}

/** @throws UsageError where a report would replace the list of known failures that the same run writes */
export function checkApart(writeKnownFailures: string | undefined, reports: readonly ReportRequest[]): void {
  if (writeKnownFailures === undefined) return;
  if (reports.some(({ path }) => resolve(path) === resolve(writeKnownFailures))) {
    throw new UsageError(`--write-known-failures and --report would both write ${writeKnownFailures}`);
  }
}

function parseReport(value: string): ReportRequest {
  const [, word = '', path = ''] = /^([^=]*)=?(.*)$/s.exec(value) ?? [];
  const kind = formatNames.find((known) => known === word);
  if (kind === undefined) {
    const near = nearest(word, formatNames);
    const hint = near === undefined ? `it has to be ${listed(formatNames)}` : `did you mean ${near}?`;
    throw new UsageError(`--report ${value}: write KIND=FILE; "${word}" is no kind of report, ${hint}`);
  }
  if (path === '') throw new UsageError(`--report ${value}: it names no file; write ${kind}=FILE`);
  return { format: kind, path };
}
