import type { CaseResult } from '../../engine/result.ts';
import type { Finding } from '../../judge/findings.ts';
import { eraInWords, erasInWords, erasSideBySide } from '../../report/era-summary.ts';
import { type FailureSection, failureSections } from '../../report/failure.ts';
import { exampleOf, extentOf, headlineOf, otherCasesOf } from '../../report/finding.ts';
import { adviceFor, gapsOf } from '../../report/gaps.ts';
import type { NoTargetReport, Report, RunReport } from '../../report/report.ts';
import { coverageOf, reasonOf, targetInWords, type VerdictList, verdictLists } from '../../report/summary.ts';
import { placeOf } from '../../report/terminal-failure.ts';
import { count, cut, firstOf, visible } from '../../text/text.ts';
import {
  fenced,
  folded,
  headLines,
  inline,
  listLines,
  madeBy,
  markdownText,
  quoted,
  table,
} from './markup.ts';
import { pictureLines } from './picture.ts';

const indexedFindings = 200;
const fullFindings = 50;
const maxCases = 400;

/** Renders the report as Markdown of bounded size: summary, findings, gaps and clauses. */
export function renderMarkdown(report: Report): string {
  return markdownText(report.kind === 'run' ? runLines(report) : noTargetLines(report));
}

function runLines(report: RunReport): readonly string[] {
  const { run, verdict, tool } = report;
  const { server, health, capabilities, contract } = targetInWords(run.target);
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Target', run.target.label],
    ['Server', server],
    ['Health', health],
    ['MCP revision', run.target.revision],
    ['Capabilities', capabilities],
    ['Contract', contract],
    ['Eras', run.target.eras && erasInWords(run.target.eras)],
    ['Run', madeBy(tool, run.durationMs)],
  ];
  const known = facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, inline(value)]]));
  const uncovered = gapsOf(report).map((gap) => {
    const { reason, cases } = gap;
    const advice = adviceFor(gap);
    const text = `${inline(reason)} (${count(cases.length, 'case')}): ${codes(cases)}`;
    return advice === '' ? text : `${text}. To run them, ${inline(advice)}`;
  });
  const notDeclared = verdict.notDeclared.map(({ capability, cases }) => {
    return `${inline(capability)} (${count(cases.length, 'case')})`;
  });
  return [
    ...headLines('MCP runtime conformance', verdict),
    ...findingIndex(verdict.findings),
    ...table(['', ''], known),
    '',
    ...eraLines(report),
    ...pictureLines(report),
    ...verdict.findings
      .slice(0, fullFindings)
      .flatMap((finding, index) => findingBlock(finding, index, report)),
    ...verdictLists(verdict).flatMap(({ title, items }) =>
      listLines(capitalized(title), items.map(listItem)),
    ),
    ...listLines('Not covered', uncovered),
    ...listLines('Capabilities not declared (not required)', notDeclared),
    ...coverageLines(report),
  ];
}

/** Renders the eras side by side, if there are several. */
function eraLines({ run, clauses }: RunReport): readonly string[] {
  const summaries = erasSideBySide(run, clauses);
  if (summaries.length === 0) return [];
  const rows = summaries.map((summary) => {
    const mark = summary.cases.failing > 0 ? '❌' : summary.cases.passed > 0 ? '✅' : '➖';
    return [mark, summary.era, ...eraInWords(summary)];
  });
  return [...table(['', 'Era', 'Cases', 'Clauses'], rows), ''];
}

/** Renders a list item with its name as code. Escapes its text, which is untrusted unless it is only a link. */
export function listItem({ name, text }: VerdictList['items'][number]): string {
  const shown = /^https:\/\/[\w./#?=&%~-]+$/.test(text) ? `<${text}>` : inline(text);
  return [name && `\`${name}\``, text && shown].filter(Boolean).join(': ');
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** Renders the findings as a table, in the order in which to fix them. */
function findingIndex(findings: readonly Finding[]): readonly string[] {
  if (findings.length === 0) return [];
  const rows = findings.slice(0, indexedFindings).map((finding, index) => {
    const { clause, cases, blocked } = finding;
    return [`${index + 1}`, clause, `${cases.length}`, `${blocked.length}`, inline(headlineOf(finding))];
  });
  const more = findings.length - rows.length;
  return [
    '## Fix first',
    '',
    ...table(['', 'Clause', 'Failed', 'Blocked', 'First failure'], rows),
    ...(more === 0 ? [] : ['', `and ${count(more, 'more finding')}`]),
    '',
  ];
}

function findingBlock(finding: Finding, index: number, report: RunReport): readonly string[] {
  const example = exampleOf(finding, report.run.results);
  return [
    '',
    `## Finding ${index + 1}: ${finding.clause}, ${extentOf(finding)}`,
    '',
    ...(example === undefined ? [] : failureBlock(example, report)),
    ...otherCasesOf(finding, maxCases).flatMap((line) => ['', line]),
  ];
}

/** Renders a failed case in full. */
export function failureBlock(result: CaseResult, { clauses, rerun }: RunReport): readonly string[] {
  const { case: head } = result;
  const rules = head.clauses.flatMap((id) => {
    const clause = clauses.get(id);
    return clause === undefined ? [] : [quoted(clause), '>'];
  });
  return [
    `### \`${head.id}\``,
    '',
    inline(head.title),
    '',
    ...rules.slice(0, -1),
    '',
    `**${inline(reasonOf(result))}**, ${inline(placeOf(result))}`,
    ...failureSections(result).flatMap(sectionLines),
    '',
    ...fenced('sh', [rerun(head.id)]),
  ];
}

function sectionLines({ name, lines }: FailureSection): readonly string[] {
  const language = lines.some(({ kind }) => kind === 'expected') ? 'diff' : '';
  const texts = lines.map(({ text }) => text);
  const body = fenced(language, texts);
  const isLong = name === 'wire' || name === 'target log' || name === 'request';
  return isLong ? folded(name, body) : ['', name, '', ...body];
}

function coverageLines({ run, clauses }: RunReport): readonly string[] {
  const coverage = coverageOf(run, clauses);
  if (coverage.length === 0) return [];
  const held = coverage.filter(({ standing }) => standing === 'held').length;
  const rows = coverage.map(({ clause, level, weight, standing, cases }) => {
    return [clause, level, weight, standing, codes(cases)];
  });
  const all = table(['Clause', 'Level', 'Weight', 'Standing', 'Cases'], rows);
  const heading = `## Clauses: ${held} of ${coverage.length} held`;
  return ['', heading, ...folded('All checked clauses', all)];
}

function noTargetLines(report: NoTargetReport): readonly string[] {
  const { target, tool } = report;
  const sentence = `The target could not be tested: ${target.label}`;
  return [
    ...headLines('MCP runtime conformance', { exitCode: 3, sentence }),
    ...noTargetReason(report),
    '',
    `${tool.name} ${tool.version}`,
  ];
}

/** Renders the reason that a target could not be tested, with the end of its log. */
export function noTargetReason({ error, startedAt }: NoTargetReport): readonly string[] {
  const logs = error.logs.slice(-50).map(({ at, stream, text }) => {
    return `${((at - startedAt) / 1_000).toFixed(1)} s  ${stream}  ${visible(cut(text, 400))}`;
  });
  return [
    inline(error.message),
    '',
    inline(error.advice),
    ...(logs.length > 0 ? ['', 'target log', '', ...fenced('', logs)] : []),
  ];
}

function codes(ids: readonly string[]): string {
  const marked = ids.map((id) => `\`${id}\``);
  return firstOf(marked, 20);
}
