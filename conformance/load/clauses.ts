import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CaseLevel, capabilityOf } from '../case/case.ts';
import { newestRelease, type Since } from '../case/release.ts';

/**
 * `client` clauses bind clients, `gateway:` clauses bind gateways, and all other clauses bind runtimes. `http` clauses
 * bind runtimes that serve HTTP.
 */
export type ClauseLevel =
  | 'core'
  | 'strict'
  | 'http'
  | `capability:${string}`
  | 'client'
  | 'gateway:core'
  | 'gateway:strict';

/** Whether a clause binds a runtime. */
export function bindsRuntime({ level }: Pick<Clause, 'level'>): boolean {
  return level !== 'client' && !bindsGateway({ level });
}

/** Whether a clause binds a gateway. */
export function bindsGateway({ level }: Pick<Clause, 'level'>): boolean {
  return level.startsWith('gateway:');
}

/**
 * Returns the level of a case: `http` if any clause is, the first capability of its clauses, `strict` if any clause is
 * strict, or `core`.
 */
export function levelOf(clauses: readonly Clause[]): CaseLevel {
  if (clauses.some(({ level }) => level === 'http')) return 'http';
  const [capability] = clauses.flatMap(({ level }) => capabilityOf(level) ?? []);
  if (capability !== undefined) return `capability:${capability}`;
  return clauses.some(({ level }) => level === 'strict') ? 'strict' : 'core';
}

/** One rule of CONTRACT.md. */
export interface Clause {
  /** Such as `STREAM-4`. */
  readonly id: string;
  readonly level: ClauseLevel;
  readonly weight: 'MUST' | 'SHOULD' | 'MAY';
  readonly revisions: 'all' | 'legacy' | 'modern';
  /** The releases of the contract in which it binds. Undefined for all releases. */
  readonly since?: Since;
  /** The title of its chapter, such as `Streams`. */
  readonly section: string;
  /** The rule, on one line. */
  readonly text: string;
  /** Its line in CONTRACT.md. */
  readonly line: number;
}

/** All clauses by id, in the order of the document. */
export type Clauses = ReadonlyMap<string, Clause>;

/** Thrown for a CONTRACT.md with invalid clauses. The message has a line for each problem. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
  readonly code = 'contract-invalid';
  readonly problems: readonly { readonly line: number; readonly message: string }[];

  constructor(problems: ContractError['problems']) {
    super(problems.map(({ line, message }) => `proto/CONTRACT.md:${line} ${message}`).join('\n'));
    this.problems = problems;
  }
}

const heading = /^##\s+(?:\d+\.\s+)?(?<title>.+?)\s*$/;
const startsWithBoldId = /^\*\*[A-Z][A-Z0-9]*-[^*]*\*\*/;
const form =
  /^\*\*(?<id>[A-Z][A-Z0-9]*-[1-9]\d*)\*\* · (?<level>core|strict|http|client|gateway:core|gateway:strict|capability:[a-z0-9]+(?:-[a-z0-9]+)*) · (?<weight>MUST|SHOULD|MAY) · (?<revisions>all|legacy|modern)(?: · since (?<since>1\.1(?<sessions> or with sessions)?))?$/;

const headExample =
  '**ID** · core, strict, http, capability:NAME, client, gateway:core or gateway:strict · MUST, SHOULD or MAY · all, legacy or modern';

/**
 * Parses the clauses in the text of CONTRACT.md. A clause is a paragraph whose first line is
 * `**ID** · level · weight · revisions`, optionally followed by the release since which it binds. The rest of the
 * paragraph is the rule.
 * @throws ContractError with every malformed clause and every duplicate id
 */
export function parseClauses(markdown: string): Clauses {
  const clauses = new Map<string, Clause>();
  const problems: { line: number; message: string }[] = [];
  let section = '';
  for (const { line, lines } of paragraphs(markdown)) {
    const [first = '', ...rest] = lines;
    section = heading.exec(first)?.groups?.['title'] ?? section;
    if (!startsWithBoldId.test(first)) continue;
    const head = form.exec(first)?.groups;
    if (head === undefined) {
      problems.push({ line, message: `malformed clause: "${first}"; write ${headExample}` });
      continue;
    }
    const id = head['id'] ?? '';
    const earlier = clauses.get(id);
    if (earlier !== undefined) {
      problems.push({ line, message: `duplicate clause ${id}; already defined on line ${earlier.line}` });
    } else if (rest.length === 0) {
      problems.push({ line, message: `clause ${id} has no text` });
    } else {
      const { level, weight, revisions } = head as unknown as Pick<Clause, 'level' | 'weight' | 'revisions'>;
      const common = { id, level, weight, revisions, section, text: rest.join(' '), line };
      const since = sinceOf(head, level);
      clauses.set(id, since === undefined ? common : { ...common, since });
    }
  }
  if (problems.length > 0) throw new ContractError(problems);
  return clauses;
}

function sinceOf(
  { since, sessions }: Readonly<Record<string, string | undefined>>,
  level: ClauseLevel,
): Since | undefined {
  // No capability is older than the newest release.
  if (since === undefined) return capabilityOf(level) === undefined ? undefined : { release: newestRelease };
  return sessions === undefined
    ? { release: newestRelease }
    : { release: newestRelease, orWithSessions: true };
}

/**
 * Reads `proto/CONTRACT.md`.
 * @param root the folder of the package
 * @throws ContractError like `parseClauses`, and for a file without clauses
 */
export async function loadClauses(root: string): Promise<Clauses> {
  const clauses = parseClauses(await readFile(join(root, 'proto', 'CONTRACT.md'), 'utf8'));
  if (clauses.size === 0) throw new ContractError([{ line: 1, message: 'the file has no clauses' }]);
  return clauses;
}

function* paragraphs(markdown: string): Generator<{ line: number; lines: readonly string[] }> {
  let lines: string[] = [];
  let start = 1;
  for (const [index, raw] of markdown.split(/\r?\n/).entries()) {
    const text = raw.trim();
    if (text !== '') {
      if (lines.length === 0) start = index + 1;
      lines.push(text);
    } else if (lines.length > 0) {
      yield { line: start, lines };
      lines = [];
    }
  }
  if (lines.length > 0) yield { line: start, lines };
}
