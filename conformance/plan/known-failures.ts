import { readFile } from 'node:fs/promises';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, stringify } from 'yaml';
import { whyUnreadable } from '../../base/error-message.ts';
import { didYouMean, suggest } from '../../base/nearest.ts';
import type { ListedFailure, RunResult } from '../engine/result.ts';
import { cut } from '../text/text.ts';

/** A case whose failure does not count, with the reason. */
export interface KnownFailure extends ListedFailure {
  /** `suite/case`. */
  readonly case: string;
  /** The line of the entry in its file. */
  readonly line: number;
}

/** One mistake in a file of known failures. */
export interface KnownFailuresProblem {
  /** Undefined for a problem of the whole file. */
  readonly line?: number;
  readonly message: string;
}

/** Thrown for an invalid file of known failures. The message has a line `file:line problem` for each problem. */
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
 * Parses a list of known failures: YAML entries with `case`, `reason` and optionally `outcome`
 * (`conformance/schemas/known-failures.v1.schema.json`). An empty file is an empty list.
 * @throws KnownFailuresError with every problem
 */
export function parseKnownFailures(text: string, file: string): readonly KnownFailure[] {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const lineOf = (offset: number | undefined): number => Math.max(1, counter.linePos(offset ?? 0).line);
  const lineOfNode = (node: Node): number => lineOf(node.range?.[0]);
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ pos, message }) => ({
      line: lineOf(pos[0]),
      message: `invalid YAML: ${message.split('\n')[0]}`,
    }));
    throw new KnownFailuresError(file, problems);
  }
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) return [];
  if (!isSeq<Node>(root)) {
    const message = 'the file must be a list of entries with "case" and "reason"';
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
    else
      problems.push({
        line,
        message: `duplicate entry ${read.case}; already listed on line ${earlier.line}`,
      });
  }
  if (problems.length > 0) throw new KnownFailuresError(file, problems);
  return [...entries.values()];
}

const keys = ['case', 'outcome', 'reason'] as const;

/** The values of `outcome`. `fails` is the default. */
const outcomes = ['fails', 'may fail'] as const;

function readEntry(
  item: Node,
  lineOf: (node: Node) => number,
): Omit<KnownFailure, 'line'> | KnownFailuresProblem[] {
  const line = lineOf(item);
  if (!isMap<Node, Node | null>(item)) {
    return [{ line, message: 'an entry must be a mapping with "case" and "reason"' }];
  }
  const problems: KnownFailuresProblem[] = [];
  const found = new Map<string, string>();
  for (const { key, value } of item.items) {
    const name = isScalar(key) ? String(key.value) : '';
    if (!keys.some((known) => known === name)) {
      const hint = didYouMean(name, keys) ?? 'known keys are "case", "outcome" and "reason"';
      problems.push({ line: lineOf(key), message: `unknown key "${name}"; ${hint}` });
      continue;
    }
    const content: unknown = isScalar(value) ? value.value : value;
    if (typeof content === 'string') found.set(name, content.trim());
    else if (content !== null) problems.push({ line: lineOf(key), message: `"${name}" must be text` });
  }
  if (problems.length > 0) return problems;
  const id = found.get('case') ?? '';
  const reason = found.get('reason') ?? '';
  if (id === '') return [{ line, message: 'this entry has no "case"; add the id of a case, suite/case' }];
  if (!/^[^/\s]+\/[^/\s]+$/.test(id))
    return [{ line, message: `"${id}" is not a case id; write suite/case` }];
  if (reason === '')
    return [
      { line, message: `${id} has no reason; explain why it fails, for example with a link to an issue` },
    ];
  const outcome = found.get('outcome') ?? 'fails';
  if (!outcomes.some((known) => known === outcome)) {
    const message = `${id} has the unknown outcome "${outcome}"; write "fails" or "may fail"`;
    return [{ line, message }];
  }
  return { case: id, reason, ...(outcome === 'may fail' ? { mayFail: true } : {}) };
}

/**
 * Checks that every entry names an existing case.
 * @throws KnownFailuresError with the nearest case for each unknown one
 */
export function checkKnownFailures(
  entries: readonly KnownFailure[],
  caseIds: ReadonlySet<string>,
  file: string,
): void {
  const problems = entries
    .filter((entry) => !caseIds.has(entry.case))
    .map(({ case: id, line }) => {
      const hint = suggest(id, caseIds, 'remove the entry, or correct it (--list shows all cases)');
      return { line, message: `unknown case ${id}; ${hint}` };
    });
  if (problems.length > 0) throw new KnownFailuresError(file, problems);
}

/**
 * Reads a file of known failures.
 * @throws KnownFailuresError if the file cannot be read or is invalid
 */
export async function readKnownFailures(file: string): Promise<readonly KnownFailure[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new KnownFailuresError(file, [{ message: whyUnreadable(error) }]);
  });
  return parseKnownFailures(text, file);
}

/**
 * Returns the list of known failures after a run, sorted by case id. Failed and blocked cases keep their previous
 * entry. For new entries, the summary of the failure is the reason. Cases that passed lose their entries, unless they
 * may fail. Cases without a result in this run (not selected, skipped, broken, not run) keep theirs.
 * @param previous entries by case id
 */
export function updateKnownFailures(
  run: RunResult,
  previous: ReadonlyMap<string, ListedFailure>,
): ReadonlyMap<string, ListedFailure> {
  const decided = new Set(
    run.results.flatMap(({ case: head, outcome }) =>
      outcome.kind === 'passed' || 'failure' in outcome ? [head.id] : [],
    ),
  );
  const next = new Map([...previous].filter(([id, { mayFail }]) => mayFail || !decided.has(id)));
  for (const { case: head, outcome } of run.results) {
    if (!('failure' in outcome)) continue;
    // A failed advice case does not count, so it needs no entry.
    if (outcome.kind === 'failed' && head.advisory && !previous.has(head.id)) continue;
    const cause = outcome.kind === 'blocked' ? `blocked by ${outcome.by.clause} (${outcome.by.case}): ` : '';
    const summary = `${cause}${outcome.failure.summary}`.replace(/\s+/g, ' ').trim();
    next.set(head.id, previous.get(head.id) ?? { reason: cut(summary, 200) || 'unknown reason' });
  }
  return new Map([...next].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Renders the list as YAML for `parseKnownFailures`. */
export function renderKnownFailures(failures: ReadonlyMap<string, ListedFailure>): string {
  const entries = [...failures].map(([id, { reason, mayFail }]) => {
    return { case: id, ...(mayFail ? { outcome: 'may fail' } : {}), reason };
  });
  const comment = [
    '# Known failures, which do not count. Each needs a reason: replace reasons that only repeat the failure.',
    '# Remove the entry of a case that passes. For a case that passes now and then, write outcome: may fail.',
    '',
  ].join('\n');
  return entries.length === 0 ? `${comment}[]\n` : `${comment}${stringify(entries, { lineWidth: 0 })}`;
}
