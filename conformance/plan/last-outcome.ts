import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { writeWhole } from '../../base/write-file.ts';
import type { Target } from '../../runners/kinds.ts';
import type { RunResult } from '../engine/result.ts';
import { wordsOf } from './target.ts';

/** A target in a working folder. Its last outcome is remembered under both. */
export interface RememberedTarget {
  /** The command-line words that select the target and its cases. */
  readonly words: readonly string[];
  /** The working folder. */
  readonly folder: string;
}

/**
 * Returns the key under which the outcome of a target is remembered.
 * @param fixtures the folder of cases, if not the kit's own
 */
export function rememberedTarget(target: Target, fixtures: string | undefined): RememberedTarget {
  const { words, args } = wordsOf(target);
  const cases = fixtures === undefined ? [] : ['--fixtures', fixtures];
  return { words: [...words, ...cases, ...(args.length > 0 ? ['--', ...args] : [])], folder: process.cwd() };
}

/** Outcomes of targets that have not run for this number of days are removed. */
const keptDays = 30;
const dayMs = 86_400_000;
const version = 1;

/**
 * Remembers which cases of a target failed last, in one file for each target and working folder. The files belong to
 * this class alone. They are replaced atomically, and a file that cannot be read counts as missing.
 */
export class LastOutcomes {
  readonly #folder: string | undefined;

  /** @param folder the folder of the files. If undefined, nothing is remembered */
  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  /** Returns the ids of the cases that failed last, or undefined if no run of the target is remembered. */
  async failed(target: RememberedTarget): Promise<ReadonlySet<string> | undefined> {
    if (this.#folder === undefined) return undefined;
    const text = await readFile(this.#fileOf(this.#folder, target), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : parseOutcome(text);
  }

  /**
   * Remembers the outcome of a run. Cases without an outcome in this run keep their earlier one. Does nothing if the
   * file cannot be written, because the verdict is valid without it.
   */
  async remember(target: RememberedTarget, run: Pick<RunResult, 'results'>): Promise<void> {
    if (this.#folder === undefined) return;
    const failed = failedAfter((await this.failed(target)) ?? new Set(), run);
    const content = { version, ...target, failed: [...failed].sort() };
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeWhole(this.#fileOf(this.#folder, target), `${JSON.stringify(content)}\n`);
      await removeOld(this.#folder);
    } catch {
      // A read-only home, for example in CI.
    }
  }

  #fileOf(folder: string, { words, folder: working }: RememberedTarget): string {
    const hash = createHash('sha256')
      .update(JSON.stringify([words, working]))
      .digest('hex');
    return join(folder, `${hash.slice(0, 32)}.json`);
  }
}

/**
 * Returns the folder for the outcomes of earlier runs, below the cache folder of the user, or undefined if the
 * environment names none.
 * @param platform `process.platform`
 */
export function outcomeFolder(
  environment: Readonly<Record<string, string | undefined>>,
  platform: string,
): string | undefined {
  const { XDG_CACHE_HOME: cache = '', HOME: home = '' } = environment;
  const below = (folder: string) => join(folder, 'mcp-runtime-conformance', 'last-outcome');
  // The XDG Base Directory Specification requires an absolute path, and says to ignore any other.
  if (isAbsolute(cache)) return below(cache);
  if (!isAbsolute(home)) return undefined;
  return below(platform === 'darwin' ? join(home, 'Library', 'Caches') : join(home, '.cache'));
}

/** Returns the ids of the cases that have failed, or been blocked or broken, in their last run. */
function failedAfter(
  earlier: ReadonlySet<string>,
  { results }: Pick<RunResult, 'results'>,
): ReadonlySet<string> {
  const failed = new Set(earlier);
  for (const { case: head, outcome } of results) {
    if (outcome.kind === 'not-run') continue;
    if (['failed', 'blocked', 'broken'].includes(outcome.kind)) failed.add(head.id);
    else failed.delete(head.id);
  }
  return failed;
}

function parseOutcome(text: string): ReadonlySet<string> | undefined {
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content !== 'object' || content === null || !('failed' in content) || !('version' in content))
      return undefined;
    const { failed } = content;
    if (content.version !== version || !Array.isArray(failed)) return undefined;
    return new Set(failed.filter((id): id is string => typeof id === 'string'));
  } catch {
    return undefined;
  }
}

async function removeOld(folder: string): Promise<void> {
  const limit = Date.now() - keptDays * dayMs;
  for (const name of await readdir(folder)) {
    const info = await stat(join(folder, name)).catch(() => undefined);
    if (info !== undefined && info.mtimeMs < limit) await rm(join(folder, name), { force: true });
  }
}
