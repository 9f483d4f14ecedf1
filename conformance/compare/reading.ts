import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { packageRoot } from '../../base/package.ts';
import type { CaseHead } from '../case/case.ts';
import { type Era, erasOf } from '../case/era.ts';
import type { ExitCode } from '../judge/verdict.ts';
import type { Tool } from '../report/report.ts';
import { type Standing, type StandingFacts, standingOf } from '../report/summary.ts';
import { cut, oneLine } from '../text/text.ts';

/** A case in a JSON report. */
export interface ReportedCase {
  readonly id: string;
  readonly clauses: readonly string[];
  /** The eras of MCP that the case applies to. */
  readonly eras: readonly Era[];
  readonly standing: Standing;
  /** The reason that the case did not pass, on one line. Empty if it passed. */
  readonly reason: string;
  /** The case as the report describes it, with its failure, wire events and log. */
  readonly document: object;
}

/** The clauses that the cases of an era check. */
export interface ReportedClauses {
  readonly checked: number;
  readonly held: number;
}

/** One implementation in a JSON report. */
export interface ReportedRun {
  /** The kit that judged the run. */
  readonly tool: Tool;
  /** ISO 8601. */
  readonly startedAt: string;
  /** The verdict in one sentence, or the reason that the target could not be tested. */
  readonly sentence: string;
  readonly exitCode: ExitCode;
  readonly label: string;
  readonly level: string;
  readonly narrowed: boolean;
  /** The cases by id. Empty if the target could not be tested. */
  readonly cases: ReadonlyMap<string, ReportedCase>;
  readonly missingCapabilities: readonly string[];
  /** The clauses by era. Undefined for reports before 1.4. */
  readonly eras?: ReadonlyMap<Era, ReportedClauses>;
  /** The reason that the target could not be tested. Undefined if it was tested. */
  readonly error?: string;
}

/** A parsed report. A run has a single implementation without a name. */
export type ReadReport =
  | { readonly kind: 'run'; readonly run: ReportedRun }
  | { readonly kind: 'matrix'; readonly runs: ReadonlyMap<string, ReportedRun> };

/** Thrown for a file that is not a report of this kit. The message is one line. */
export class ReportFileError extends Error {
  override readonly name = 'ReportFileError';
  readonly code = 'report-invalid';

  constructor(file: string, reason: string) {
    super(`${file}: ${reason}`);
  }
}

/**
 * Reads the JSON report of a run or a matrix.
 * @throws ReportFileError if the file cannot be read or is not a report
 */
export async function readReport(file: string): Promise<ReadReport> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: 'there is no such file',
      EISDIR: 'it is a folder, not a file',
      EACCES: 'permission denied',
    };
    const code = error.code ?? 'unknown cause';
    throw new ReportFileError(file, reasons[code] ?? `it cannot be read (${code})`);
  });
  return parseReport(text, file);
}

/** @throws ReportFileError */
export function parseReport(text: string, file: string): ReadReport {
  const noReport = (reason: string) =>
    new ReportFileError(file, `${reason}; expected a report written by --report json=FILE`);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    if (text.trim() === '') throw noReport('it is empty');
    throw noReport(/^\s*</.test(text) ? 'it looks like XML' : 'it is not JSON');
  }
  const kind = kindOf(document);
  if (kind === undefined) throw noReport('it is JSON but not a report');
  const version = String(Object(document).schemaVersion);
  if (!/^1\.\d+$/.test(version)) {
    throw new ReportFileError(file, `it has schemaVersion ${oneLine(cut(version, 40))}; this kit reads 1.x`);
  }
  const validate = validator(kind);
  if (!validate(document)) throw new ReportFileError(file, problemOf(validate.errors ?? []));
  if (kind === 'run') return { kind, run: runOf(document as RunDocument) };
  const { implementations } = document as MatrixDocument;
  return { kind, runs: new Map(implementations.map(({ name, report }) => [name, runOf(report)])) };
}

function kindOf(document: unknown): 'run' | 'matrix' | undefined {
  if (typeof document !== 'object' || document === null || !('schemaVersion' in document)) return undefined;
  if ('kind' in document) return document.kind === 'matrix' ? 'matrix' : undefined;
  return 'tool' in document && 'target' in document ? 'run' : undefined;
}

let compiled: Readonly<Record<'run' | 'matrix', ValidateFunction>> | undefined;

function validator(kind: 'run' | 'matrix'): ValidateFunction {
  if (compiled === undefined) {
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    const schema = (name: string): object =>
      JSON.parse(readFileSync(join(packageRoot(), `conformance/schemas/${name}.v1.schema.json`), 'utf8'));
    compiled = { run: ajv.compile(schema('report')), matrix: ajv.compile(schema('matrix')) };
  }
  return compiled[kind];
}

function problemOf(errors: readonly ErrorObject[]): string {
  const [first] = errors;
  const where =
    first?.instancePath === '' ? 'the top level' : `${oneLine(cut(first?.instancePath ?? '', 200))}`;
  return `it does not match the schema of reports: ${where} ${first?.message ?? 'is invalid'}`;
}

/** The part of a report that comparisons use, after validation. */
interface RunDocument extends Pick<ReportedRun, 'tool' | 'startedAt'> {
  readonly target: { readonly label: string };
  readonly settings: { readonly level: string; readonly narrowed: boolean };
  readonly verdict?: {
    readonly exitCode: ExitCode;
    readonly sentence: string;
    readonly missingCapabilities: readonly string[];
  };
  readonly cases?: readonly CaseDocument[];
  readonly error?: { readonly message: string };
  readonly eras?: readonly { readonly era: Era; readonly clauses: ReportedClauses }[];
}

interface CaseDocument extends Pick<ReportedCase, 'id' | 'clauses'>, Pick<CaseHead, 'revisions'> {
  readonly outcome:
    | { readonly kind: 'passed' }
    | { readonly kind: 'failed' | 'blocked'; readonly failure: { readonly summary: string } }
    | { readonly kind: 'not-declared'; readonly capability: string }
    | { readonly kind: 'broken' | 'skipped' | 'not-run'; readonly reason: string };
  readonly advisory?: boolean;
  readonly knownFailure?: StandingFacts['known'];
  readonly attempts?: StandingFacts['attempts'];
}

interface MatrixDocument {
  readonly implementations: readonly { readonly name: string; readonly report: RunDocument }[];
}

function runOf(document: RunDocument): ReportedRun {
  const { tool, startedAt, target, settings, verdict, cases, error, eras } = document;
  return {
    tool,
    startedAt,
    sentence: verdict?.sentence ?? error?.message ?? '',
    exitCode: verdict?.exitCode ?? 3,
    label: target.label,
    level: settings.level,
    narrowed: settings.narrowed,
    cases: new Map((cases ?? []).map((document) => [document.id, caseOf(document)])),
    missingCapabilities: verdict?.missingCapabilities ?? [],
    eras: eras && new Map(eras.map(({ era, clauses }) => [era, clauses])),
    error: error?.message,
  };
}

function caseOf(document: CaseDocument): ReportedCase {
  const { id, clauses, revisions, outcome, advisory, knownFailure, attempts } = document;
  const standing = standingOf({ case: { advisory }, outcome, known: knownFailure, attempts });
  const reason = (): string => {
    if (standing === 'stale') return 'the case passed but is listed as a known failure';
    if (outcome.kind === 'passed') return '';
    if ('failure' in outcome) return outcome.failure.summary;
    return outcome.kind === 'not-declared' ? `capability ${outcome.capability}` : outcome.reason;
  };
  return { id, clauses, eras: erasOf({ revisions }), standing, reason: reason(), document };
}
