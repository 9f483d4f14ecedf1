import { readFile } from 'node:fs/promises';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, stringify } from 'yaml';
import { whyUnreadable } from '../../base/error-message.ts';
import { didYouMean, suggest } from '../../base/nearest.ts';
import type { RunResult } from '../engine/result.ts';
import { cut } from '../text/text.ts';

/** A case whose failure does not count, and why. */
export interface KnownFailure {
  /** `suite/case`. */
  readonly case: string;
  readonly reason: string;
  /** Where the entry begins in its file. */
  readonly line: number;
}

export interface KnownFailuresProblem {
  /** Absent where the file as a whole is meant. */
  readonly line?: number;
  readonly message: string;
}

/** A known-failures file that cannot be used. The message has a line for each problem, `file:line what is wrong`. */
export class KnownFailuresError extends Error {
  override readonly name = 'KnownFailuresError';
  readonly code = 'known-failures-invalid';
  readonly file: string;
  readonly problems: readonly KnownFailuresProblem[];

  constructor(file: string, problems: readonly KnownFailuresProblem[]) {
    super(problems.map(({ line = '', message }) => `${file}:${line} ${message}`).join('\n'));
    this.file = file;
    this.problems = problems;
  }
}

/**
 * Reads a list of known failures: YAML, a list of entries with `case` and `reason`
 * (`conformance/schemas/known-failures.v1.schema.json`). An empty file is an empty list.
 * @throws KnownFailuresError with every problem at once
 */
export function parseKnownFailures(text: string, file: string): readonly KnownFailure[] {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const lineOf = (offset: number | undefined): number => Math.max(1, counter.linePos(offset ?? 0).line);
  const lineOfNode = (node: Node): number => lineOf(node.range?.[0]);
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ pos, message }) => ({
      line: lineOf(pos[0]),
      message: `not valid YAML: ${message.split('\n')[0]}`,
    }));
    throw new KnownFailuresError(file, problems);
  }
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) return [];
  if (!isSeq<Node>(root)) {
    const message = 'has to be a list, each entry with "case" and "reason": - case: suite/case';
    throw new KnownFailuresError(file, [{ line: lineOfNode(root), message }]);
  }
  const problems: KnownFailuresProblem[] = [];
  const entries = new Map<string, KnownFailure>();
  for (const item of root.items) {
    const line = lineOfNode(item);
    const read = readEntry(item, lineOfNode);
    if (Array.isArray(read)) {
      problems.push(...read);
      continue;
    }
    const earlier = entries.get(read.case);
    if (earlier === undefined) entries.set(read.case, { ...read, line });
    else problems.push({ line, message: `${read.case} is listed twice; it is on line ${earlier.line} too` });
  }
  if (problems.length > 0) throw new KnownFailuresError(file, problems);
  return [...entries.values()];
}

const keys = ['case', 'reason'] as const;

function readEntry(
  item: Node,
  lineOf: (node: Node) => number,
): { readonly case: string; readonly reason: string } | KnownFailuresProblem[] {
  const line = lineOf(item);
  if (!isMap<Node, Node | null>(item)) {
    return [{ line, message: 'an entry is a mapping with "case" and "reason"' }];
  }
  const problems: KnownFailuresProblem[] = [];
  const found = new Map<string, string>();
  for (const { key, value } of item.items) {
    const name = isScalar(key) ? String(key.value) : '';
    if (!keys.some((known) => known === name)) {
      const hint = didYouMean(name, keys) ?? 'an entry has "case" and "reason"';
      problems.push({ line: lineOf(key), message: `unknown key "${name}"; ${hint}` });
      continue;
    }
    const content: unknown = isScalar(value) ? value.value : value;
    if (typeof content === 'string') found.set(name, content.trim());
    else if (content !== null) problems.push({ line: lineOf(key), message: `"${name}" has to be text` });
  }
  if (problems.length > 0) return problems;
  const id = found.get('case') ?? '';
  const reason = found.get('reason') ?? '';
  if (id === '') return [{ line, message: 'an entry without "case"' }];
  if (!/^[^/\s]+\/[^/\s]+$/.test(id)) return [{ line, message: `"${id}" is no case id: write suite/case` }];
  if (reason === '')
    return [{ line, message: `${id} has no reason; say why it fails, such as an issue's address` }];
  return { case: id, reason };
}

/**
 * Checks that every entry names a case that exists.
 * @throws KnownFailuresError that names the nearest case for each that does not
 */
export function checkKnownFailures(
  entries: readonly KnownFailure[],
  caseIds: ReadonlySet<string>,
  file: string,
): void {
  const problems = entries
    .filter((entry) => !caseIds.has(entry.case))
    .map(({ case: id, line }) => {
      const hint = suggest(id, caseIds);
      return { line, message: `there is no case ${id}${hint && `; ${hint}`}` };
    });
  if (problems.length > 0) throw new KnownFailuresError(file, problems);
}

/**
 * Reads a known-failures file.
 * @throws KnownFailuresError where it cannot be read or used
 */
export async function readKnownFailures(file: string): Promise<readonly KnownFailure[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new KnownFailuresError(file, [{ message: whyUnreadable(error) }]);
  });
  return parseKnownFailures(text, file);
}

/**
 * The list as it should be after a run: what fails now, in the order of the cases. A reason that was given before stays,
 * a new entry has the failure's summary as its reason. Entries of cases that passed are gone; those that this run did
 * not decide (not selected, skipped, broken, not run) stay.
 * @param previous reasons by case id
 */
export function updateKnownFailures(
  run: RunResult,
  previous: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const decided = new Set(
    run.results.flatMap(({ case: head, outcome }) =>
      outcome.kind === 'passed' || outcome.kind === 'failed' ? [head.id] : [],
    ),
  );
  const next = new Map([...previous].filter(([id]) => !decided.has(id)));
  for (const { case: head, outcome } of run.results) {
    // Advice that is not followed does not count anyway.
    if (outcome.kind !== 'failed' || (head.advisory && !previous.has(head.id))) continue;
    const summary = outcome.failure.summary.replace(/\s+/g, ' ').trim();
    next.set(head.id, previous.get(head.id) ?? (cut(summary, 200) || 'no reason is known'));
  }
  return new Map([...next].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The list as YAML that `parseKnownFailures` reads. */
export function renderKnownFailures(reasons: ReadonlyMap<string, string>): string {
  const entries = [...reasons].map(([id, reason]) => ({ case: id, reason }));
  const comment = [
    '# Failures that are known and do not count. Each needs a reason: replace those that only repeat what went wrong.',
    '# An entry whose case passes has to go.',
    '',
  ].join('\n');
  return entries.length === 0 ? `${comment}[]\n` : `${comment}${stringify(entries, { lineWidth: 0 })}`;
}
