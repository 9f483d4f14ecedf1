import type { DisagreementJson, MatrixPage, MatrixReportJson } from '../../../data/matrix.ts';
import { type Case, erasOf, modelOf, type RunModel } from '../../model/run-model.ts';

/** One implementation with its run. */
export interface Implementation {
  readonly name: string;
  readonly run: RunModel;
}

/** A case with its outcome in each implementation. */
export interface MatrixCase {
  readonly id: string;
  readonly suite: string;
  readonly title: string;
  readonly clauses: readonly string[];
  readonly level: string;
  readonly eras: readonly string[];
  readonly agreement: MatrixReportJson['cases'][number]['agreement'];
  /** By implementation, in their order. Undefined if the case has no result there. */
  readonly standings: readonly (string | undefined)[];
  /** The cases of the runs, in the same order. */
  readonly results: readonly (Case | undefined)[];
  readonly answers?: DisagreementJson;
  /** Text that the filter searches, in lower case. */
  readonly haystack: string;
}

/** A clause with its standing in each implementation. */
export interface MatrixClause {
  readonly id: string;
  readonly level: string;
  readonly weight: string;
  readonly section: string;
  readonly text?: string;
  /** By implementation, in their order. Undefined if the clause was not checked there. */
  readonly standings: readonly (string | undefined)[];
  /** The same for each era. Empty for reports of schema versions before 1.2. */
  readonly eras: readonly { readonly era: string; readonly standings: readonly (string | undefined)[] }[];
  readonly haystack: string;
}

/** The matrix, indexed for views. */
export interface MatrixModel {
  readonly report: MatrixReportJson;
  readonly implementations: readonly Implementation[];
  readonly cases: readonly MatrixCase[];
  readonly caseById: ReadonlyMap<string, MatrixCase>;
  readonly clauses: readonly MatrixClause[];
  readonly clauseById: ReadonlyMap<string, MatrixClause>;
  readonly chapters: readonly { readonly title: string; readonly clauses: readonly MatrixClause[] }[];
  /** The eras in which an implementation was checked. */
  readonly eras: readonly string[];
}

/** Indexes a matrix. */
export function matrixModelOf({
  report,
  contract,
  provenance = {},
  schemaVersion,
}: Omit<MatrixPage, 'evidence'>): MatrixModel {
  const implementations = report.implementations.map(({ name, report: run }): Implementation => {
    const page = { kind: 'run', schemaVersion, report: run, contract, provenance: provenance[name] } as const;
    return { name, run: modelOf(page, `${name}/`) };
  });
  const inOrder = (standings: Readonly<Record<string, string>>) =>
    implementations.map(({ name }) => standings[name]);
  const answers = new Map(report.disagreements.map((each) => [each.case, each]));
  const cases = report.cases.map((each): MatrixCase => {
    const results = implementations.map(({ run }) => run.caseById.get(each.id));
    const head = results.find((result) => result !== undefined);
    const reasons = results.map((result) => result?.reason ?? '');
    const title = head?.title ?? '';
    return {
      id: each.id,
      suite: head?.suite ?? each.id.split('/')[0] ?? '',
      title,
      clauses: each.clauses,
      level: head?.level ?? '',
      eras: each.eras ?? erasOf(head?.revisions ?? []),
      agreement: each.agreement,
      standings: inOrder(each.standings),
      results,
      answers: answers.get(each.id),
      haystack: [each.id, title, ...each.clauses, ...reasons].join('\n').toLowerCase(),
    };
  });
  const written = new Map((contract ?? []).map((clause) => [clause.id, clause]));
  const clauses = report.clauses.map(({ clause: id, level, weight, standings, eras = {} }): MatrixClause => {
    const { section = id.replace(/-\d+$/, ''), text } = written.get(id) ?? {};
    return {
      id,
      level,
      weight,
      section,
      text,
      standings: inOrder(standings),
      eras: Object.entries(eras).map(([era, own]) => ({ era, standings: inOrder(own) })),
      haystack: [id, section, text ?? ''].join('\n').toLowerCase(),
    };
  });
  const sections = [...new Set(clauses.map(({ section }) => section))];
  return {
    report,
    implementations,
    cases,
    caseById: new Map(cases.map((each) => [each.id, each])),
    clauses,
    clauseById: new Map(clauses.map((each) => [each.id, each])),
    chapters: sections.map((title) => ({
      title,
      clauses: clauses.filter(({ section }) => section === title),
    })),
    eras: [...new Set(implementations.flatMap(({ run }) => run.report.target.eras?.checked ?? []))],
  };
}

/** The reason that a case or a clause has no standing in an implementation. */
export function absence({ run }: Implementation): string {
  return run.report.error === undefined ? 'not checked' : 'not tested';
}
