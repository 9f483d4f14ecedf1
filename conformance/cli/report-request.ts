import { resolve } from 'node:path';
import { suggest } from '../../base/nearest.ts';
import { formatNames } from '../formats/index.ts';
import type { ReportRequest } from '../formats/publish.ts';
import { UsageError } from '../plan/usage-error.ts';
import { listed } from '../text/text.ts';

/**
 * Reads the values of `--report`: `json=FILE`, or several with commas between them.
 * @param known the list of known failures that the same run writes
 * @throws UsageError where two would go to one file
 */
export function parseReports(values: readonly string[], known?: string): readonly ReportRequest[] {
  const requests = values.flatMap((value) => value.split(',')).map(parseReport);
  const paths = new Set<string>();
  for (const { path } of requests) {
    const full = resolve(path);
    if (known !== undefined && full === resolve(known)) {
      throw new UsageError(`--write-known-failures and --report would both write ${known}`);
    }
    if (paths.has(full)) throw new UsageError(`--report: two reports would go to ${path}`);
    paths.add(full);
  }
  return requests;
}

function parseReport(value: string): ReportRequest {
  const [, word = '', path = ''] = /^([^=]*)=?(.*)$/s.exec(value) ?? [];
  const kind = formatNames.find((known) => known === word);
  if (kind === undefined) {
    const hint = suggest(word, formatNames, `it has to be ${listed(formatNames)}`);
    throw new UsageError(`--report ${value}: write KIND=FILE; "${word}" is no kind of report, ${hint}`);
  }
  if (path === '') throw new UsageError(`--report ${value}: it names no file; write ${kind}=FILE`);
  return { format: kind, path };
}
