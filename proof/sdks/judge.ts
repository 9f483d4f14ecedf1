import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $, fs } from 'zx';
import { packageRoot } from '../../base/package.ts';
import type { Finding } from './findings.ts';

/** The parts of a JSON report that are read here. */
export interface Report {
  readonly error?: { readonly message: string };
  readonly clauses: readonly ClauseReport[];
  readonly cases: readonly CaseReport[];
}

/** The outcome of a clause. */
export interface ClauseReport {
  readonly clause: string;
  readonly weight: string;
  readonly standing: string;
  readonly cases: readonly string[];
}

/** The outcome of a case. */
export interface CaseReport {
  readonly id: string;
  readonly title: string;
  readonly clauses: readonly string[];
  readonly outcome: {
    readonly kind: string;
    readonly failure?: { readonly summary: string; readonly clauses: readonly string[] };
  };
}

/** An expected finding after a run. */
export interface Judged extends Finding {
  /** The clauses of the failed steps. */
  readonly clauses: readonly string[];
}

/** A comparison of a run with the expected findings. */
export interface Judgement {
  /** The expected findings, with the clauses of this run. */
  readonly findings: readonly Judged[];
  /** One line for each difference between the run and the expected findings. */
  readonly problems: readonly string[];
}

/** Thrown if the kit could not test a server. */
export class UntestedError extends Error {
  override readonly name = 'UntestedError';
  readonly code = 'untested';
}

const failing: ReadonlySet<string> = new Set(['failed', 'blocked', 'broken', 'not-run']);

/**
 * Runs the modern suites of the kit against a server.
 * @param command the command line that starts the server
 * @throws UntestedError if no case ran
 */
export async function runModernSuites(command: string): Promise<Report> {
  const folder = await fs.mkdtemp(join(tmpdir(), 'sdks-'));
  try {
    const file = join(folder, 'report.json');
    // One case at a time: the Go program changes its lists when a case asks for it.
    const words = [
      '--concurrency',
      '1',
      '--command',
      command,
      '--era',
      'modern',
      '--suite',
      'modern-*',
      '--report',
      `json=${file}`,
    ];
    const program = join(packageRoot(), 'dist', 'cli', 'main.js');
    const run = $({ cwd: packageRoot(), quiet: true, nothrow: true, timeout: '10m' });
    const { exitCode, stderr, stdout } = await run`${process.execPath} ${program} ${words}`;
    if (exitCode !== 0 && exitCode !== 1) {
      throw new UntestedError(
        `the kit ended with exit code ${exitCode}: ${(stderr || stdout).trim().slice(-500)}`,
      );
    }
    return JSON.parse(await readFile(file, 'utf8')) as Report;
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}

/** Compares a run with the expected findings. */
export function judge({ cases }: Pick<Report, 'cases'>, expected: readonly Finding[]): Judgement {
  const findings: Judged[] = [];
  const problems: string[] = [];
  const failed = new Map(
    cases.filter(({ outcome }) => failing.has(outcome.kind)).map((each) => [each.id, each.outcome]),
  );
  for (const finding of expected) {
    const clauses = new Set<string>();
    for (const id of finding.cases) {
      const outcome = failed.get(id);
      const summary = outcome?.failure?.summary ?? outcome?.kind;
      if (summary === undefined) {
        problems.push(`${id}: the case passed or did not run, but a finding is expected: ${finding.about}`);
      } else if (!summary.includes(finding.difference)) {
        problems.push(`${id}: expected the difference "${finding.difference}", got "${summary}"`);
      }
      for (const clause of outcome?.failure?.clauses ?? []) clauses.add(clause);
      failed.delete(id);
    }
    findings.push({ ...finding, clauses: [...clauses] });
  }
  for (const [id, { kind, failure }] of failed) {
    problems.push(`${id}: a new finding: ${failure?.summary ?? kind}`);
  }
  return { findings, problems };
}
