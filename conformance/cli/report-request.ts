import { resolve } from 'node:path';
import { suggest } from '../../base/nearest.ts';
import { formatNames } from '../formats/index.ts';
import type { ReportRequest } from '../formats/publish.ts';
import { UsageError } from '../plan/usage-error.ts';
import { listed } from '../text/text.ts';

/**
 * Parses the values of `--report`: `json=FILE`, or several separated by commas.
 * @param known path of the known-failures file that the same run writes
 * @throws UsageError if two outputs have the same path
 */
export function parseReports(values: readonly string[], known?: string): readonly ReportRequest[] {
  const requests = values.flatMap((value) => value.split(',')).map(parseReport);
  const paths = new Set<string>();
  for (const { path } of requests) {
    const full = resolve(path);
    if (known !== undefined && full === resolve(known)) {
      throw new UsageError(`--write-known-failures and --report both write to ${known}`);
    }
    if (paths.has(full)) throw new UsageError(`--report: two reports have the path ${path}`);
    paths.add(full);
  }
  return requests;
}

function parseReport(value: string): ReportRequest {
  const [, word = '', path = ''] = /^([^=]*)=?(.*)$/s.exec(value) ?? [];
  const kind = formatNames.find((known) => known === word);
  if (kind === undefined) {
    const hint = suggest(word, formatNames, `expected ${listed(formatNames)}`);
    throw new UsageError(`--report ${value}: use KIND=FILE; unknown kind "${word}", ${hint}`);
  }
  if (path === '') throw new UsageError(`--report ${value}: file name missing; use ${kind}=FILE`);
  return { format: kind, path };
}
