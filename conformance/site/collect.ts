import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ReportFileError, type RunDocument, readDocument } from '../compare/document.ts';
import { oneLine } from '../text/text.ts';
import { SiteError } from './site-error.ts';
import { type SiteRun, siteRunOf } from './site-run.ts';

/** One implementation in a report. */
export interface CollectedRun {
  readonly run: SiteRun;
  readonly document: RunDocument;
}

/**
 * Finds the reports in a folder and its subfolders. Hidden files are ignored. Only one report is in memory at a time.
 * @param skip called with a line for each other file, and for each report that cannot be shown
 * @throws SiteError if there is no such folder. ReportFileError for a JSON file that is invalid
 */
export async function* collectRuns(
  folder: string,
  skip: (line: string) => void,
): AsyncGenerator<CollectedRun> {
  const files = new Map<string, string>();
  for (const path of await filesIn(folder, '', skip)) {
    const file = join(folder, path);
    for (const collected of await runsIn(file, (reason) => skip(`${oneLine(path)}: skipped, ${reason}`))) {
      const { slug, id } = collected.run;
      const earlier = files.get(`${slug}/${id}`);
      if (earlier === undefined) yield collected;
      else skip(`${oneLine(path)}: skipped, it has the same run as ${oneLine(earlier)}`);
      files.set(`${slug}/${id}`, earlier ?? path);
    }
  }
}

/** Returns the paths of all files, relative to the folder and sorted. */
async function filesIn(
  root: string,
  inner: string,
  skip: (line: string) => void,
): Promise<readonly string[]> {
  const entries = await readdir(join(root, inner), { withFileTypes: true }).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const reasons = new Map<unknown, string>([
      ['ENOENT', 'there is no such folder'],
      ['ENOTDIR', 'it is a file, not a folder'],
      ['EACCES', 'permission denied'],
    ]);
    throw new SiteError(
      `${oneLine(join(root, inner))}: ${reasons.get(code) ?? `it cannot be read (${code})`}`,
    );
  });
  const paths: string[] = [];
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = join(inner, entry.name);
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) paths.push(...(await filesIn(root, path, skip)));
    else if (entry.isFile() || (entry.isSymbolicLink() && (await isFile(join(root, path))))) paths.push(path);
    else skip(`${oneLine(path)}: skipped, it is not a file`);
  }
  return paths;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}

async function runsIn(file: string, skip: (reason: string) => void): Promise<readonly CollectedRun[]> {
  if (!/\.json$/i.test(file)) {
    skip('it is not a JSON file');
    return [];
  }
  const report = await readDocument(file).catch((error: unknown) => {
    if (error instanceof ReportFileError && error.kind === 'other') return undefined;
    throw error;
  });
  if (report === undefined) {
    skip('it is not the report of a run or a matrix');
    return [];
  }
  const { shard } = report.kind === 'run' ? report.run : report.matrix;
  if (shard !== undefined) {
    skip(`it has only shard ${shard.index}/${shard.of}; merge the shards with report merge`);
    return [];
  }
  if (report.kind === 'run') return [collected(file, report.run)];
  return report.matrix.implementations.map(({ name, report: own }) => collected(file, own, name));
}

function collected(file: string, document: RunDocument, name?: string): CollectedRun {
  // A leap second is valid in JSON Schema, but not in JavaScript.
  if (Number.isNaN(Date.parse(document.startedAt))) {
    throw new ReportFileError(file, 'invalid', `startedAt is not a time: ${oneLine(document.startedAt)}`);
  }
  return { run: siteRunOf(document, name), document };
}
