import { stat } from 'node:fs/promises';
import { errorMessage } from '../../base/error-message.ts';
import { checkWritable, writeWhole } from '../../base/write-file.ts';
import type { ListedFailure, RunResult } from '../engine/result.ts';
import { count } from '../text/text.ts';
import type { KnownFailure } from './known-failures.ts';

/** The files of known failures of a run. */
export interface KnownFailuresRequest {
  /** A file of known failures, which do not count. */
  readonly knownFailures?: string;
  /** The file to which the failures of this run are written. */
  readonly writeKnownFailures?: string;
}

/** The content of the files of known failures before a run. */
export interface KnownFailuresInput {
  /** The known failures in `--known-failures`, by case id. */
  readonly known: ReadonlyMap<string, ListedFailure>;
  /** Entries to keep in the file to write, by case id. */
  readonly kept: ReadonlyMap<string, ListedFailure>;
}

/**
 * Reads and checks the files of a run, and checks that the file to write is writable.
 * @param caseIds ids of all cases, selected or not
 * @throws KnownFailuresError, UnwritableFileError
 */
export async function readKnownFailuresFiles(
  request: KnownFailuresRequest,
  caseIds: ReadonlySet<string>,
): Promise<KnownFailuresInput> {
  const { knownFailures: file, writeKnownFailures: written } = request;
  if (file === undefined && written === undefined) return { known: new Map(), kept: new Map() };
  const { checkKnownFailures, readKnownFailures } = await import('./known-failures.ts');
  const entries = file === undefined ? [] : await readKnownFailures(file);
  if (file !== undefined) checkKnownFailures(entries, caseIds, file);
  let earlier: readonly KnownFailure[] = [];
  if (written !== undefined) {
    await checkWritable(written);
    // Keeps the reasons in an existing file, except for cases that no longer exist.
    const info = await stat(written).catch(() => undefined);
    if (info?.isFile())
      earlier = (await readKnownFailures(written)).filter((entry) => caseIds.has(entry.case));
  }
  return {
    known: byCase(entries),
    kept: byCase([...earlier, ...entries]),
  };
}

function byCase(entries: readonly KnownFailure[]): ReadonlyMap<string, ListedFailure> {
  return new Map(entries.map(({ case: id, line: _, ...listed }) => [id, listed]));
}

/**
 * Writes the failures of a run to the requested file. Warns if the file cannot be written.
 * @returns false if the file could not be written
 */
export async function writeKnownFailuresFile(
  file: string | undefined,
  { run, failures }: { readonly run: RunResult; readonly failures: KnownFailuresInput },
  {
    output,
    warn,
  }: { readonly output: { write(text: string): void }; readonly warn: (message: string) => void },
): Promise<boolean> {
  if (file === undefined) return true;
  try {
    const { renderKnownFailures, updateKnownFailures } = await import('./known-failures.ts');
    const next = updateKnownFailures(run, failures.kept);
    await writeWhole(file, renderKnownFailures(next));
    output.write(`wrote ${count(next.size, 'known failure')} to ${file}\n`);
    return true;
  } catch (error) {
    warn(`--write-known-failures: ${errorMessage(error)}`);
    return false;
  }
}
