import { groupBy } from '../../base/group.ts';
import { markdownTable } from '../docs/markdown-table.ts';
import { changeOf, type Mutant } from './instrument.ts';
import { listedReason } from './listed.ts';
import { mutatedParts } from './subjects.ts';
import type { Trial } from './try-mutants.ts';

/** The finished trials of a run. */
export interface StrykerReport {
  readonly trials: readonly Trial[];
  /** Number of mutants that were not tried, by the reason. */
  readonly ignored: ReadonlyMap<string, number>;
  /** Number of selected mutants that were left out by `--sample` or an interruption. */
  readonly leftOut: number;
  /** Number of cases in the suite. */
  readonly cases: number;
  /** Cases that fail without any mutant. If there are any, the other results prove nothing. */
  readonly failing: readonly string[];
}

/** The trials of a file or a part, by their result. */
interface Score {
  readonly tried: number;
  readonly caught: number;
  /** Survived, with a reason in the list. */
  readonly listed: number;
  /** Survived, without a reason. */
  readonly survived: number;
}

function scoreOf(trials: readonly Trial[]): Score {
  const survivors = trials.filter(({ detection }) => detection === undefined);
  const listed = survivors.filter(({ mutant }) => listedReason(mutant) !== undefined).length;
  const caught = trials.length - survivors.length;
  return { tried: trials.length, caught, listed, survived: survivors.length - listed };
}

function percentage(part: number, whole: number): string {
  return whole === 0 ? 'none' : `${((100 * part) / whole).toFixed(1)} %`;
}

/** Returns why the run failed, with one line for each case that fails without a mutant and each unexplained survivor. */
export function problemsOf({ trials, failing }: StrykerReport): readonly string[] {
  return [
    ...failing.map((id) => `${id} fails without any mutant`),
    ...trials
      .filter(({ detection, mutant }) => detection === undefined && listedReason(mutant) === undefined)
      .map(({ mutant, reached }) => `${reached ? 'SURVIVED' : 'NOT REACHED'} ${describe(mutant)}`),
  ];
}

function describe(mutant: Mutant): string {
  return `${mutant.file}:${mutant.line} ${mutant.mutator}: ${mutant.code}: ${changeOf(mutant)}`;
}

/** Returns the totals of a run, one line each. */
export function summaryOf(report: StrykerReport): readonly string[] {
  const { tried, caught, listed, survived } = scoreOf(report.trials);
  const ignored = [...report.ignored.values()].reduce((sum, count) => sum + count, 0);
  return [
    `${tried} mutants tried, ${report.cases} cases`,
    `${caught} caught (${percentage(caught, tried)}), ${listed} survived for a listed reason, ${survived} without one`,
    `${ignored} mutants ignored by their class`,
    ...(report.leftOut === 0 ? [] : [`${report.leftOut} mutants not tried`]),
  ];
}

/** The report for a terminal. */
export function renderText(report: StrykerReport): string {
  return `${[...problemsOf(report), ...summaryOf(report)].join('\n')}\n`;
}

/** The report as Markdown, between comments that name its date and command. */
export function renderMarkdown(
  report: StrykerReport,
  recording: { readonly date: string; readonly command: string },
): string {
  const survivors = report.trials.filter(({ detection }) => detection === undefined);
  return `${[
    `<!-- recorded: ${recording.date}, ${recording.command} -->`,
    '# Mutants of Stryker',
    '',
    'The faults of [mutants.md](mutants.md) are written by hand. As a second source, Stryker changes the code of the',
    'reference runtime mechanically: operators, conditions, literals, blocks. This page records a run of',
    '`npm run prove -- stryker`. It runs the cases that reach a mutant until one fails. If all of them pass, it runs the',
    'cases that need a process of their own. A mutant that hangs or ends the runtime is also caught.',
    '',
    ...summaryOf(report).map((line) => `- ${line}`),
    '',
    '## By file',
    '',
    ...fileTable(report.trials),
    '',
    '## Ignored classes',
    '',
    markdownTable(
      ['mutants', 'reason: the change'],
      [...report.ignored].map(([reason, count]) => [`${count}`, reason]),
    ),
    '',
    '## Survivors',
    '',
    ...survivorLines(survivors),
    '<!-- /recorded -->',
  ].join('\n')}\n`;
}

function fileTable(trials: readonly Trial[]): readonly string[] {
  const byFile = groupBy(trials, ({ mutant }) => mutant.file);
  const rows = mutatedParts.flatMap(({ name, files }) =>
    files.flatMap((file) => {
      const own = byFile.get(file);
      if (own === undefined) return [];
      const { tried, caught, listed, survived } = scoreOf(own);
      const numbers = [tried, caught, listed, survived].map(String);
      return [[name, `\`${file}\``, ...numbers, percentage(caught, tried)]];
    }),
  );
  return [
    markdownTable(['part', 'file', 'tried', 'caught', 'listed', 'without a reason', 'caught of tried'], rows),
  ];
}

/** Groups survivors by file and reason, so that a reason is stated once. */
function survivorLines(survivors: readonly Trial[]): readonly string[] {
  const byFile = groupBy(survivors, ({ mutant }) => mutant.file);
  return [...byFile].flatMap(([file, own]) => [
    `### \`${file}\``,
    '',
    ...[...groupBy(own, ({ mutant }) => listedReason(mutant) ?? 'Without a reason.')].flatMap(
      ([reason, trials]) => [
        `${reason}`,
        '',
        ...trials.map(({ mutant }) => `- line ${mutant.line}: ${code(changeOf(mutant))}`),
        '',
      ],
    ),
  ]);
}

/** Marks text as code. Text with backticks needs a longer fence. */
function code(text: string): string {
  const fence = text.includes('`') ? '``' : '`';
  return fence === '`' ? `\`${text}\`` : `\`\` ${text} \`\``;
}
