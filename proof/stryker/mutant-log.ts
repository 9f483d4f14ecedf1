import { createHash } from 'node:crypto';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import type { DataCase } from '../../conformance/index.ts';
import type { Coverage } from './coverage.ts';
import type { Detection } from './trial.ts';

/** The cases by id, each with a text that identifies its content. */
export type CaseDigests = ReadonlyMap<string, string>;

/** Returns texts that identify the contents of cases. */
export function digestsOf(cases: readonly DataCase[]): CaseDigests {
  return new Map(
    cases.map((testCase) => [
      testCase.id,
      createHash('sha256').update(JSON.stringify(testCase)).digest('base64url').slice(0, 16),
    ]),
  );
}

/** A line of the log. */
type Line =
  | { readonly build: string }
  | { readonly cases: readonly string[] }
  | { readonly coverage: Coverage }
  | { readonly mutant: string; readonly detection?: Detection; readonly digest?: string };

/** The result of an earlier run for a mutant. */
export interface KeptTrial {
  readonly detection: Detection | undefined;
  /** The digests of the cases that did not detect the mutant. */
  readonly tried: ReadonlySet<string>;
}

/**
 * A file that keeps finished trials, so that a later run can continue. It is valid for one build of the runtime. If cases
 * change, a detection by an unchanged case stays valid, and other mutants are tried with the new and changed cases only.
 */
export class MutantLog {
  readonly #path: string | undefined;
  readonly #digests: CaseDigests;
  readonly #kept = new Map<string, KeptTrial>();
  /** The coverage of an earlier run, and the digests of its cases. */
  covered: { readonly coverage: Coverage; readonly digests: ReadonlySet<string> } | undefined;

  private constructor(path: string | undefined, digests: CaseDigests) {
    this.#path = path;
    this.#digests = digests;
  }

  /** Opens a log. Without a path, it keeps nothing. @param build identifies the instrumented build */
  static async open(path: string | undefined, build: string, digests: CaseDigests): Promise<MutantLog> {
    const log = new MutantLog(path, digests);
    const text = path === undefined ? '' : await readFile(path, 'utf8').catch(() => '');
    const [head, ...lines] = text.split('\n').flatMap(lineIn);
    const isSame = head !== undefined && 'build' in head && head.build === build;
    if (isSame) log.#takeOver(lines);
    else if (path !== undefined) await writeFile(path, `${JSON.stringify({ build })}\n`);
    await log.#append({ cases: [...digests.values()] });
    return log;
  }

  /** Returns the text that identifies the content of a case. */
  digestOf({ id }: Pick<DataCase, 'id'>): string {
    return this.#digests.get(id) ?? '';
  }

  find(mutant: string): KeptTrial | undefined {
    return this.#kept.get(mutant);
  }

  async keepCoverage(coverage: Coverage): Promise<void> {
    this.covered = { coverage, digests: new Set(this.#digests.values()) };
    await this.#append({ coverage });
  }

  async keep(mutant: string, detection: Detection | undefined): Promise<void> {
    const digest = detection && this.#digests.get(detection.by);
    await this.#append({ mutant, detection, digest });
  }

  #takeOver(lines: readonly Line[]): void {
    const current = new Set(this.#digests.values());
    let digests: ReadonlySet<string> = new Set();
    for (const line of lines) {
      if ('cases' in line) digests = new Set(line.cases);
      else if ('coverage' in line) this.covered = { coverage: line.coverage, digests };
      else if ('mutant' in line) {
        const { mutant, detection, digest } = line;
        const isOutdated = detection !== undefined && digest !== undefined && !current.has(digest);
        if (isOutdated) this.#kept.delete(mutant);
        else this.#kept.set(mutant, { detection, tried: digests });
      }
    }
  }

  async #append(line: Line): Promise<void> {
    if (this.#path !== undefined) await appendFile(this.#path, `${JSON.stringify(line)}\n`);
  }
}

/** Parses a line. An interrupted run may have written only a part of the last one. */
function lineIn(text: string): readonly Line[] {
  try {
    return [JSON.parse(text) as Line];
  } catch {
    return [];
  }
}
