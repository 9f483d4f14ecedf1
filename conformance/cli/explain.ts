import { stringify } from 'yaml';
import { nearest } from '../../base/nearest.ts';
import type { CaseHead, CaseNeeds, Step } from '../case/case.ts';
import type { Since } from '../case/release.ts';
import { bindsGateway, type Clause, type Clauses } from '../load/clauses.ts';
import { loadSuite } from '../load/load-suite.ts';
import { describeRevisions } from '../load/revisions.ts';
import { UsageError } from '../plan/usage-error.ts';
import { wrap } from '../text/text.ts';

const lineWidth = 100;

/**
 * Explains a case (its steps and clauses), a clause (its text and cases) or a suite (its cases).
 * @param subject id of a case or clause, or name of a suite, case-insensitive
 * @throws UsageError with the nearest id, FixtureError, ContractError
 */
export async function explain(subject: string, fixtures: string | undefined): Promise<string> {
  return explainIn(await loadSuite(fixtures), subject);
}

/** A runtime or gateway case with its steps. */
type ExplainedCase = CaseHead & { readonly kind: 'data' | 'gateway'; readonly steps: readonly Step[] };

/** Explains a subject within loaded cases. @throws UsageError */
export function explainIn(
  { cases, clauses }: { readonly cases: readonly ExplainedCase[]; readonly clauses: Clauses },
  subject: string,
): string {
  const wanted = subject.toLowerCase();
  const named = cases.find(({ id }) => id.toLowerCase() === wanted);
  if (named !== undefined) return explainCase(named, clauses);
  const clause = [...clauses.values()].find(({ id }) => id.toLowerCase() === wanted);
  if (clause !== undefined) return explainClause(clause, cases);
  const suite = cases.filter((head) => head.suite.toLowerCase() === wanted);
  if (suite.length > 0) return text([subject, '', ...caseLines(suite)]);
  const names = [
    ...cases.map(({ id }) => id),
    ...clauses.keys(),
    ...new Set(cases.map((head) => head.suite)),
  ];
  const byName = new Map(cases.map(({ id }) => [id.split('/').at(-1) ?? id, id]));
  const near =
    byName.get(subject) ?? nearest(subject, names) ?? byName.get(nearest(subject, byName.keys()) ?? '');
  const hint = near === undefined ? '--list shows the cases' : `did you mean ${near}?`;
  throw new UsageError(`--explain ${subject}: no such case, clause or suite; ${hint}`);
}

function explainCase(head: ExplainedCase, clauses: Clauses): string {
  const facts: readonly (readonly [string, string])[] = [
    ['written in', `${head.source.file}:${head.source.line}`],
    ['level', head.strictOnly ? `${head.level}, only at strict` : head.level],
    ['revisions', describeRevisions(head.revisions)],
    ['releases', describeSince(head.since)],
    ['deadline', `${head.deadlineMs / 1_000} s`],
    ['needs', describeNeeds(head.needs) || 'none'],
    ...(head.alone ? ([['alone', 'never runs concurrently with another case']] as const) : []),
  ];
  return text([
    head.id,
    ...indented(head.title, 2),
    '',
    ...facts.map(([name, value]) => `  ${name.padEnd(12)}${value}`),
    ...(head.note === undefined ? [] : ['', ...indented(head.note, 2)]),
    '',
    '  clauses',
    ...head.clauses.flatMap((id) => {
      const clause = clauses.get(id);
      return clause === undefined ? [`    ${id}`] : [`    ${headOf(clause)}`, ...indented(clause.text, 6)];
    }),
    '',
    '  steps',
    ...stringify(
      head.steps.map(({ verb, argument, clauses, setup, only }) => ({
        [verb]: argument,
        ...(clauses && { clauses }),
        ...(setup && { setup: setup.case }),
        ...(only && { only }),
      })),
      { lineWidth: lineWidth },
    )
      .trimEnd()
      .split('\n')
      .map((line) => `    ${line}`),
  ]);
}

function explainClause(clause: Clause, cases: readonly ExplainedCase[]): string {
  const checking = cases.filter((head) => head.clauses.includes(clause.id));
  return text([
    `${headOf(clause)} · ${clause.revisions}${clause.since === undefined ? '' : ` · ${describeSince(clause.since)}`}`,
    ...indented(clause.text, 2),
    '',
    `  written in  proto/CONTRACT.md:${clause.line}, ${clause.section}`,
    '',
    checking.length === 0 ? `  ${withoutCases(clause, cases)}` : '  cases',
    ...caseLines(checking),
  ]);
}

function caseLines(cases: readonly ExplainedCase[]): readonly string[] {
  const width = Math.max(0, ...cases.map(({ id }) => id.length));
  return cases.map(({ id, title }) => `    ${id.padEnd(width)}  ${title}`);
}

function withoutCases(clause: Clause, cases: readonly ExplainedCase[]): string {
  const { id } = clause;
  const isOfGateways = cases.some(({ kind }) => kind === 'gateway');
  if (bindsGateway(clause) && !isOfGateways) {
    return `only gateway cases check it; see check-gateway --explain ${id}`;
  }
  if (!bindsGateway(clause) && isOfGateways)
    return `no gateway case checks it; see --explain ${id} for runtime cases`;
  return 'no case checks it';
}

/** Renders the releases of the contract as on the first line of a clause. */
function describeSince(since: Since | undefined): string {
  if (since === undefined) return 'all';
  return `since ${since.release}${since.orWithSessions ? ' or with sessions' : ''}`;
}

function headOf({ id, level, weight }: Clause): string {
  return `${id} · ${level} · ${weight}`;
}

/** Renders requirements: `tools echo, slow; runner launch`. */
function describeNeeds(needs: CaseNeeds): string {
  const names: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['tools', needs.tools],
    ['resources', needs.resources],
    ['resource templates', needs.resourceTemplates],
    ['prompts', needs.prompts],
    ['server capabilities', needs.serverCapabilities],
    ['capabilities', needs.capabilities],
    ['roles', needs.roles],
    ['runner', needs.runner],
  ];
  return names
    .flatMap(([kind, values = []]) => (values.length === 0 ? [] : [`${kind} ${values.join(', ')}`]))
    .join('; ');
}

function indented(prose: string, indent: number): readonly string[] {
  return wrap(prose, lineWidth - indent).map((line) => `${' '.repeat(indent)}${line}`);
}

function text(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
