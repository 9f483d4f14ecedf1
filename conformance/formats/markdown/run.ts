import type { CaseResult } from '../../engine/result.ts';
import { type FailureSection, failureSections } from '../../report/failure.ts';
import type { NoTargetReport, Report, RunReport } from '../../report/report.ts';
import {
  countsInWords,
  coverageOf,
  hasChecked,
  hasTrouble,
  standingOf,
  suitesOf,
  type VerdictList,
  verdictLists,
} from '../../report/summary.ts';
import { placeOf } from '../../report/terminal-failure.ts';
import { count, cut, duration, visible } from '../../text/text.ts';
import { fenced, inline, listLines, markdownText, sign, table } from './markup.ts';

const fullFailures = 50;

/** The report as Markdown, of bounded size: summary, failures, what was not covered, and the clauses. */
export function renderMarkdown(report: Report): string {
  const lines = report.kind === 'run' ? runLines(report) : noTargetLines(report);
  return markdownText(lines);
}

function runLines(report: RunReport): readonly string[] {
  const { run, verdict, tool } = report;
  const { target } = run;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Target', target.label],
    ['Server', target.serverInfo && `${target.serverInfo.name} ${target.serverInfo.version}`],
    [
      'Health',
      target.health &&
        `${target.health.status}, mode ${target.health.mode}, version ${target.health.version}`,
    ],
    ['MCP revision', target.revision],
    ['Capabilities', target.health && (target.health.capabilities.join(', ') || 'none declared')],
    ['Run', `${duration(run.durationMs)}, ${tool.name} ${tool.version}`],
  ];
  return [
    '# MCP runtime conformance',
    '',
    `${sign(verdict.exitCode)} **${inline(verdict.sentence)}**`,
    '',
    ...table(
      ['', ''],
      facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, inline(value)]])),
    ),
    '',
    ...table(
      ['', 'Suite', 'Cases', 'Outcome'],
      suitesOf(run.results).map(({ suite, counts, total }) => [
        hasTrouble(counts) ? '❌' : hasChecked(counts) ? '✅' : '➖',
        inline(suite),
        `${total}`,
        countsInWords(counts),
      ]),
    ),
    ...failureLines(report),
    ...verdictLists(verdict).flatMap(({ title, items }) =>
      listLines(capitalized(title), items.map(listItem)),
    ),
    ...listLines(
      'Not covered',
      verdict.uncovered.map(
        ({ reason, cases }) => `${inline(reason)} (${count(cases.length, 'case')}): ${codes(cases)}`,
      ),
    ),
    ...listLines(
      'Capabilities that the target does not declare',
      verdict.notDeclared.map(
        ({ capability, cases }) => `${inline(capability)} (${count(cases.length, 'case')})`,
      ),
    ),
    ...coverageLines(report),
  ];
}

/** An item of a list: what names it as code, foreign text as text. */
export function listItem({ name, text }: VerdictList['items'][number]): string {
  return [name && `\`${name}\``, text && inline(text)].filter(Boolean).join(': ');
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function failureLines(report: RunReport): readonly string[] {
  const failures = report.run.results.filter((result) => standingOf(result) === 'failed');
  if (failures.length === 0) return [];
  const more = failures.slice(fullFailures).map((result) => `- \`${result.case.id}\`: ${summaryOf(result)}`);
  return [
    '',
    '## Failures',
    ...failures.slice(0, fullFailures).flatMap((result) => failureBlock(result, report)),
    ...(more.length > 0 ? ['', ...more] : []),
  ];
}

/** A failed case in full. */
export function failureBlock(result: CaseResult, { clauses, rerun }: RunReport): readonly string[] {
  const { case: head } = result;
  const rules = head.clauses.flatMap((id) => {
    const clause = clauses.get(id);
    // Our own text, with Markdown of its own.
    return clause === undefined
      ? []
      : [`> **${id}** · ${clause.level} · ${clause.weight}<br>${clause.text}`, '>'];
  });
  return [
    '',
    `### \`${head.id}\``,
    '',
    inline(head.title),
    '',
    ...rules.slice(0, -1),
    '',
    `**${summaryOf(result)}**, ${inline(placeOf(result))}`,
    ...failureSections(result).flatMap(sectionLines),
    '',
    ...fenced('sh', [rerun(head.id)]),
  ];
}

function sectionLines({ name, lines }: FailureSection): readonly string[] {
  const isDifference = lines.some(({ kind }) => kind === 'expected');
  const body = fenced(
    isDifference ? 'diff' : '',
    lines.map(({ text }) => text),
  );
  const folded = name === 'wire' || name === 'target log' || name === 'request';
  return folded
    ? ['', `<details><summary>${name}</summary>`, '', ...body, '', '</details>']
    : ['', name, '', ...body];
}

function coverageLines({ run, clauses }: RunReport): readonly string[] {
  const coverage = coverageOf(run, clauses);
  if (coverage.length === 0) return [];
  const held = coverage.filter(({ standing }) => standing === 'held').length;
  return [
    '',
    `## Clauses: ${held} of ${coverage.length} held`,
    '',
    '<details><summary>All clauses that were looked at</summary>',
    '',
    ...table(
      ['Clause', 'Level', 'Weight', 'Standing', 'Cases'],
      coverage.map(({ clause, level, weight, standing, cases }) => [
        clause,
        level,
        weight,
        standing,
        codes(cases),
      ]),
    ),
    '',
    '</details>',
  ];
}

function noTargetLines(report: NoTargetReport): readonly string[] {
  const { target, tool } = report;
  return [
    '# MCP runtime conformance',
    '',
    `⚠️ **The target could not be tested: ${inline(target.label)}**`,
    '',
    ...noTargetReason(report),
    '',
    `${tool.name} ${tool.version}`,
  ];
}

/** Why a target could not be tested, and the end of its log. */
export function noTargetReason({ error, startedAt }: NoTargetReport): readonly string[] {
  const logs = error.logs.slice(-50).map((line) => {
    return `${((line.at - startedAt) / 1_000).toFixed(1)} s  ${line.stream}  ${visible(cut(line.text, 400))}`;
  });
  return [
    inline(error.message),
    '',
    inline(error.advice),
    ...(logs.length > 0 ? ['', 'target log', '', ...fenced('', logs)] : []),
  ];
}

function codes(ids: readonly string[]): string {
  const shown = ids.slice(0, 20).map((id) => `\`${id}\``);
  return ids.length > 20 ? `${shown.join(', ')} and ${ids.length - 20} more` : shown.join(', ');
}

function summaryOf({ outcome }: CaseResult): string {
  return outcome.kind === 'failed' ? inline(outcome.failure.summary) : '';
}
