import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { packageRoot } from '../../base/package.ts';
import type { CaseHead } from '../case/case.ts';
import type { Era } from '../case/era.ts';
import type { CaseResult, Failure, RunSettings, Shard, TargetFacts } from '../engine/result.ts';
import type { Finding } from '../judge/findings.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { MatrixShard } from '../matrix/matrix.ts';
import type { NoTargetReport, Tool } from '../report/report.ts';
import type { ClauseCoverage } from '../report/summary.ts';
import { cut, oneLine } from '../text/text.ts';

/** A clause in a JSON report. */
export interface ClauseDocument extends Omit<ClauseCoverage, 'standing'> {
  /** Reports before 1.2 contain `not checked`. */
  readonly standing: ClauseCoverage['standing'] | 'not checked';
  /** Position in the contract, since 1.5. */
  readonly ordinal?: number;
}

/** A failure in a JSON report. Reports before 1.2 do not name the clauses of the failed step. */
export type FailureDocument = Omit<Failure, 'clauses'> & Partial<Pick<Failure, 'clauses'>>;

/** An outcome in a JSON report. */
export type OutcomeDocument =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly failure: FailureDocument }
  | {
      readonly kind: 'blocked';
      readonly failure: FailureDocument;
      readonly by: { readonly case: string; readonly clause: string };
      readonly passesAlone?: true;
    }
  | { readonly kind: 'not-declared'; readonly capability: string; readonly reason?: string }
  | { readonly kind: 'broken' | 'skipped' | 'not-run'; readonly reason: string };

/** A case in a JSON report. */
export interface CaseDocument
  extends Pick<
      CaseHead,
      | 'id'
      | 'suite'
      | 'title'
      | 'clauses'
      | 'level'
      | 'revisions'
      | 'source'
      | 'advisory'
      | 'ordinal'
      | 'reliesOn'
      | 'transport'
    >,
    Pick<CaseResult, 'attempts' | 'durationMs' | 'wire'> {
  readonly outcome: OutcomeDocument;
  readonly knownFailure?: CaseResult['known'];
  readonly startedAt: string;
  readonly logs: readonly { readonly at: string; readonly stream: string; readonly text: string }[];
  /** The wire events and logs are left out, because the report would be too large. */
  readonly evidenceLeftOut?: true;
}

/** A verdict in a JSON report. Older reports lack some members. */
export type VerdictDocument = Omit<Verdict, 'findings' | 'advice' | 'counts'> & {
  readonly findings?: readonly Finding[];
  readonly advice?: Verdict['advice'];
  readonly counts: Omit<Verdict['counts'], 'blocked' | 'unstable' | 'advice'> & Partial<Verdict['counts']>;
};

/** The outcome in one era in a JSON report, since 1.4. */
export interface EraDocument {
  readonly era: Era;
  readonly cases: { readonly total: number; readonly passed: number; readonly failing: number };
  readonly clauses: { readonly checked: number; readonly held: number; readonly violated: readonly string[] };
}

interface DocumentHead {
  readonly schemaVersion: string;
  readonly tool: Tool;
  /** Date and time in ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly settings: Omit<RunSettings, 'shard' | 'level'> & { readonly level: 'core' | 'strict' | 'gateway' };
  readonly shard?: Shard;
  readonly target: TargetFacts;
}

/** The JSON report of a run whose target became ready. */
export interface TestedDocument extends DocumentHead {
  readonly verdict: VerdictDocument;
  readonly clauses: readonly ClauseDocument[];
  readonly cases: readonly CaseDocument[];
  readonly eras?: readonly EraDocument[];
  readonly interrupted?: string;
  readonly error?: undefined;
}

/** The JSON report of a run whose target could not be tested. */
export interface UntestedDocument extends DocumentHead {
  readonly error: Omit<NoTargetReport['error'], 'logs'> & { readonly logs: CaseDocument['logs'] };
}

/** The JSON report of a run. */
export type RunDocument = TestedDocument | UntestedDocument;

/** The JSON report of a matrix. The members that compare the implementations are omitted here. */
export interface MatrixDocument {
  readonly kind: 'matrix';
  readonly tool: Tool;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly level: 'core' | 'strict';
  readonly shard?: MatrixShard;
  readonly implementations: readonly { readonly name: string; readonly report: RunDocument }[];
}

/** A report as it is in its file, after validation. */
export type ReportDocument =
  | { readonly kind: 'run'; readonly run: RunDocument }
  | { readonly kind: 'matrix'; readonly matrix: MatrixDocument };

/** Thrown for a file that is not a report of this kit. The message is one line. */
export class ReportFileError extends Error {
  override readonly name = 'ReportFileError';
  readonly code = 'report-invalid';
  /** `other`: the file is valid JSON, but not a report of a run or a matrix. */
  readonly kind: 'unreadable' | 'not JSON' | 'other' | 'invalid';

  constructor(file: string, kind: ReportFileError['kind'], reason: string) {
    super(`${oneLine(file)}: ${reason}`);
    this.kind = kind;
  }
}

/**
 * Reads a report and validates it.
 * @throws ReportFileError if the file cannot be read or is not a report
 */
export async function readDocument(file: string): Promise<ReportDocument> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: 'there is no such file',
      EISDIR: 'it is a folder, not a file',
      EACCES: 'permission denied',
    };
    const code = error.code ?? 'unknown cause';
    throw new ReportFileError(file, 'unreadable', reasons[code] ?? `it cannot be read (${code})`);
  });
  return parseDocument(text, file);
}

const expected = 'expected a report written by --report json=FILE';

/** @throws ReportFileError */
export function parseDocument(text: string, file: string): ReportDocument {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    const found =
      text.trim() === '' ? 'it is empty' : /^\s*</.test(text) ? 'it looks like XML' : 'it is not JSON';
    throw new ReportFileError(file, 'not JSON', `${found}; ${expected}`);
  }
  const kind = kindOf(document);
  if (kind === undefined)
    throw new ReportFileError(file, 'other', `it is JSON but not a report; ${expected}`);
  const version = String(Object(document).schemaVersion);
  if (!/^1\.\d+$/.test(version)) {
    const reason = `it has schemaVersion ${oneLine(cut(version, 40))}; this kit reads 1.x`;
    throw new ReportFileError(file, 'invalid', reason);
  }
  const validate = validator(kind);
  if (!validate(document)) throw new ReportFileError(file, 'invalid', problemOf(validate.errors ?? []));
  return kind === 'run'
    ? { kind, run: document as RunDocument }
    : { kind, matrix: document as MatrixDocument };
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
